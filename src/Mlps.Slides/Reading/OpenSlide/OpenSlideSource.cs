using System.Buffers;
using System.Globalization;

namespace Mlps.Slides;

/// <summary>A slide that OpenSlide reads.</summary>
internal sealed class OpenSlideSource : SlideSource
{
    private const int DefaultTile = 512, SmallestTile = 64, LargestTile = 1024;

    private readonly OpenSlideLibrary _library;
    private readonly OpenSlideHandle _slide;
    private readonly string _path;
    private readonly double[] _downsamples;
    private readonly (byte Red, byte Green, byte Blue) _background;

    private OpenSlideSource(OpenSlideLibrary library, OpenSlideHandle slide, string path)
    {
        (_library, _slide, _path) = (library, slide, path);
        var handle = slide.DangerousGetHandle();
        Properties = library.Properties(handle);
        var count = library.LevelCount(handle);
        var levels = new SourceLevel[count];
        _downsamples = new double[count];
        for (var level = 0; level < count; level++)
        {
            var (width, height) = library.LevelSize(handle, level);
            if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue)
            {
                throw new SlideException(path, $"OpenSlide says that level {level} has {width} x {height} pixels.", "Copy the file again; it may be damaged.");
            }

            levels[level] = new SourceLevel((int)width, (int)height, TileSide(level, "tile-width"), TileSide(level, "tile-height"));
            _downsamples[level] = library.LevelDownsample(handle, level);
        }

        Levels = levels;
        Bounds = OpenSlideProperties.Bounds(Properties);
        MicronsPerPixel = OpenSlideProperties.MicronsPerPixel(Properties);
        _background = OpenSlideProperties.Background(Properties);
    }

    public override SlideBackend Backend => SlideBackend.OpenSlide;

    public override IReadOnlyList<SourceLevel> Levels { get; }

    public override IReadOnlyDictionary<string, string> Properties { get; }

    public override SlideBounds? Bounds { get; }

    public override (double X, double Y)? MicronsPerPixel { get; }

    /// <summary>Whether the format is that of no scanner.</summary>
    public bool IsGeneric => Properties.TryGetValue("openslide.vendor", out var vendor) && vendor == "generic-tiff";

    /// <exception cref="SlideException">OpenSlide does not take the file.</exception>
    public static OpenSlideSource Open(OpenSlideLibrary library, string path)
    {
        if (library.DetectVendor(path) is null)
        {
            throw new SlideException(path, $"OpenSlide {library.Version} knows no slide of this format.", "Leave the back end open, or convert the file.");
        }

        var opened = library.Open(path);
        if (opened == nint.Zero)
        {
            throw new SlideException(path, $"OpenSlide {library.Version} does not open the file.", "Copy it again; it may be damaged.");
        }

        var slide = new OpenSlideHandle(library, opened);
        try
        {
            return library.Error(opened) is { } error ? throw Fault(path, error) : new OpenSlideSource(library, slide, path);
        }
        catch
        {
            slide.Dispose();
            throw;
        }
    }

    public override void ReadTile(int level, int column, int row, Span<byte> rgb)
    {
        var size = Levels[level];
        var count = size.TileWidth * size.TileHeight;
        var pixels = ArrayPool<uint>.Shared.Rent(count);
        var isHeld = false;
        try
        {
            _slide.DangerousAddRef(ref isHeld);
            var slide = _slide.DangerousGetHandle();

            // OpenSlide takes full-resolution places, by its own scale of the level.
            var x = (long)Math.Round(column * (double)size.TileWidth * _downsamples[level]);
            var y = (long)Math.Round(row * (double)size.TileHeight * _downsamples[level]);
            _library.ReadRegion(slide, pixels.AsSpan(0, count), x, y, level, size.TileWidth, size.TileHeight);
            if (_library.Error(slide) is { } error)
            {
                throw Fault(_path, error);
            }

            LayOnBackground(pixels.AsSpan(0, count), rgb);
        }
        finally
        {
            if (isHeld)
            {
                _slide.DangerousRelease();
            }

            ArrayPool<uint>.Shared.Return(pixels);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _slide.Dispose();
        }
    }

    private void LayOnBackground(ReadOnlySpan<uint> pixels, Span<byte> rgb)
    {
        var at = 0;
        foreach (var pixel in pixels)
        {
            var rest = byte.MaxValue - (int)(pixel >> 24);
            rgb[at++] = Mix((byte)(pixel >> 16), rest, _background.Red);
            rgb[at++] = Mix((byte)(pixel >> 8), rest, _background.Green);
            rgb[at++] = Mix((byte)pixel, rest, _background.Blue);
        }

        static byte Mix(byte color, int rest, byte background) => rest == 0 ? color : (byte)Math.Min(color + (((rest * background) + 127) / byte.MaxValue), byte.MaxValue);
    }

    /// <summary>The side of the file's own tiles, so that each is decoded once.</summary>
    private int TileSide(int level, string side) =>
        Properties.TryGetValue($"openslide.level[{level}].{side}", out var text)
        && int.TryParse(text, CultureInfo.InvariantCulture, out var pixels)
        && pixels is >= SmallestTile and <= LargestTile ? pixels : DefaultTile;

    private static SlideException Fault(string path, string error) => new(path, $"OpenSlide cannot read it: {error}.", "Copy the file again; it may be damaged.");
}
