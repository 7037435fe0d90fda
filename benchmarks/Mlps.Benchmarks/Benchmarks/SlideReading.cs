using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Slides;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>How fast the tiles of a slide's tissue are read where nothing is computed: <c>slides FILE [mpp] [side]</c>.</summary>
internal static class SlideReading
{
    /// <summary>Reads all tiles, as <c>mlps slides</c> cuts them.</summary>
    public static void Run(string path, string[] rest)
    {
        using var slide = Slide.Open(path);
        var mpp = rest is [var size, ..] ? Arguments.Number(size, "µm a pixel") : slide.RequireMicronsPerPixel();
        var side = rest is [_, var pixels] ? Arguments.Count(pixels, "pixels") : new SlideSegmentationOptions().TileSize;
        var tiles = new MLContext().TissueSegmentation.Tiles(slide, new TileOptions { MicronsPerPixel = mpp, Size = side });
        var image = tiles.Schema[TissueColumns.Image];
        using var cursor = tiles.GetRowCursor([image]);
        var read = cursor.GetGetter<MLImage>(image);
        MLImage? picture = null;
        var count = 0;
        var clock = Stopwatch.StartNew();
        while (cursor.MoveNext())
        {
            read(ref picture!);
            count++;
        }

        picture?.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slide.Name}, {slide.Backend}: {count} tiles of {side} px in {clock.Elapsed.TotalSeconds:f2} s, {count / clock.Elapsed.TotalSeconds:f1} tiles a second"));
    }

    /// <summary>Draws tissue to make slides of.</summary>
    public static void Draw(string path)
    {
        const int Side = 4096;
        var folder = Directory.CreateTempSubdirectory("mlps-slide-").FullName;
        try
        {
            SyntheticTissue.Write(Path.Combine(folder, "tissue"), new SyntheticTissueOptions { TrainPatches = 0, ValidationPatches = 0, TestPatches = 1, EvaluationSize = Side });
            File.Copy(Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).OrderByDescending(file => new FileInfo(file).Length).First(), path, overwrite: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
