using System.IO.Compression;
using System.Numerics;
using Mlps.ML;
using Mlps.ML.Png;

namespace Mlps.Slides;

/// <summary>Cuts patches from slides, for people to label.</summary>
/// <remarks>
/// Candidates are the cells of a grid that have enough tissue and lie inside the slide. They are put in order along Hilbert's curve and cut into as many runs as patches are wanted; one is drawn of each run. So patches are spread
/// over the tissue in proportion to its area, do not overlap, and depend on nothing but the slide, the options and the seed.
/// </remarks>
public static class SlidePatches
{
    private const string Extension = ".png";

    /// <summary>Chooses patches without reading them.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <param name="name">What their names begin with; null for the slide's name.</param>
    /// <returns>The patches, from top to bottom. Fewer than requested where the tissue has no room for more; none where there is no tissue.</returns>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="SlideException">A size of pixels is needed, and the slide's own is not known; or the file is damaged.</exception>
    public static IReadOnlyList<SlidePatch> Choose(Slide slide, SlidePatchOptions? options = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(slide);
        options ??= new SlidePatchOptions();
        options.Check();
        var mask = options.Mask ?? TissueMask.Find(slide, options.MaskOptions);
        var downsample = options.MicronsPerPixel is { } mpp ? slide.DownsampleAt(mpp) : 1;
        var random = new Random(options.Seed);
        var candidates = Candidates(slide, mask, options, downsample, random);
        var count = Math.Min(options.PerSlide, candidates.Count);
        var chosen = new List<SlidePatch>(count);
        for (var run = 0; run < count; run++)
        {
            var (from, to) = ((int)((long)run * candidates.Count / count), (int)((run + 1L) * candidates.Count / count));
            var (x, y, tissue) = candidates[random.Next(from, to)];
            chosen.Add(new SlidePatch(SlideTiles.NameOf(name ?? slide.Name, x, y), x, y, downsample, tissue));
        }

        return [.. chosen.OrderBy(patch => patch.Y).ThenBy(patch => patch.X)];
    }

    /// <summary>Reads a patch and writes it as PNG; a file is there whole or not at all.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="patch">A patch of it.</param>
    /// <param name="size">Side of the patch in its own pixels.</param>
    /// <param name="folder">The folder, which is created where it does not exist.</param>
    /// <returns>The full path of the file.</returns>
    /// <exception cref="SlideException">The slide is damaged there.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static string Write(Slide slide, SlidePatch patch, int size, string folder)
    {
        ArgumentNullException.ThrowIfNull(slide);
        ArgumentNullException.ThrowIfNull(patch);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        var path = Path.GetFullPath(Path.Combine(folder, patch.Name + Extension));
        var rgb = slide.ReadRegion(patch.X, patch.Y, size, size, patch.Downsample);
        OutputFile.Write(path, PngEncoder.Encode(rgb, size, size, PngColorType.Truecolour, [], CompressionLevel.Optimal));
        return path;
    }

    /// <summary>Chooses the patches of a slide and writes them all.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="folder">The folder, which is created where it does not exist.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <param name="name">What their names begin with; null for the slide's name.</param>
    /// <param name="cancellationToken">Stops between two patches.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="SlideException">A size of pixels is needed, and the slide's own is not known; or the file is damaged.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<SlidePatch> Write(Slide slide, string folder, SlidePatchOptions? options = null, string? name = null, CancellationToken cancellationToken = default)
    {
        options ??= new SlidePatchOptions();
        var patches = Choose(slide, options, name);
        foreach (var patch in patches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(slide, patch, options.Size, folder);
        }

        return patches;
    }

    /// <summary>Cells of a grid with enough tissue, in the order of Hilbert's curve. The grid's origin is drawn, so that no part of the slide is out of reach of all seeds.</summary>
    private static List<(int X, int Y, double Tissue)> Candidates(Slide slide, TissueMask mask, SlidePatchOptions options, double downsample, Random random)
    {
        var side = options.Size * downsample;
        var (columns, rows) = (Cells(slide.Width), Cells(slide.Height));
        var (left, top) = (Origin(slide.Width, columns), Origin(slide.Height, rows));
        var square = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(columns, rows));
        var cells = new List<(long Place, int X, int Y, double Tissue)>();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                // Whole places, so that a file's name says exactly where its patch is.
                var (x, y) = ((int)Math.Floor(left + (column * side)), (int)Math.Floor(top + (row * side)));
                var tissue = mask.Covers(x, y, side, side);
                if (tissue > 0 && tissue >= options.LeastTissue)
                {
                    cells.Add((HilbertCurve.Place(column, row, square), x, y, tissue));
                }
            }
        }

        return [.. cells.OrderBy(cell => cell.Place).Select(cell => (cell.X, cell.Y, cell.Tissue))];

        // A slide that is smaller than a patch has one all the same.
        int Cells(int pixels) => Math.Max(1, (int)(pixels / side));

        double Origin(int pixels, int cells) => random.NextDouble() * Math.Max(0, pixels - (cells * side));
    }
}
