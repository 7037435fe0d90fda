using System.Globalization;
using System.Text;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes tiles with the columns of WSInfer: <c>minx,miny,width,height,prob_&lt;class&gt;…</c>, which QuPath's extension of that name reads.</summary>
internal static class TileTable
{
    /// <summary>Writes the file; it is complete or absent.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="tiles">The tiles, in the order of their rows.</param>
    /// <exception cref="ArgumentException">A tile has not a probability for each class.</exception>
    public static void Write(string path, TissueClasses classes, IEnumerable<TileProbabilities> tiles)
    {
        AtomicFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            text.Write(Csv.Line(["minx", "miny", "width", "height", .. classes.Names.Select(name => "prob_" + name)]));
            foreach (var tile in tiles)
            {
                if (tile.Probabilities.Count != classes.Count)
                {
                    throw new ArgumentException($"The tile at ({tile.X}, {tile.Y}) has {tile.Probabilities.Count} probabilities; there are {classes.Count} classes.", nameof(tiles));
                }

                text.Write(Csv.Line(
                [
                    Csv.Number(tile.X), Csv.Number(tile.Y), Csv.Number(tile.Width), Csv.Number(tile.Height),
                    .. tile.Probabilities.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture)),
                ]));
            }
        });
    }
}
