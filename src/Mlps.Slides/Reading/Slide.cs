using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>A whole slide: any region of it, at any size of pixels.</summary>
/// <remarks>
/// Several threads may read at once.
/// Coordinates are full-resolution pixels from the top left of the slide's <see cref="Bounds"/>, as in QuPath. What lies outside, or was not scanned, is white.
/// Memory does not depend on the slide's size: decoded tiles are kept up to <see cref="SlideOptions.CacheBytes"/>.
/// </remarks>
public sealed class Slide : IDisposable
{
    private const int RgbBytes = SourceLevel.RgbBytes;
    private const int RgbaBytes = 4;

    /// <summary>A level this much coarser than requested is taken all the same: the difference is rounding of sizes.</summary>
    private const double ScaleTolerance = 1.001;

    private readonly SlideSource _source;
    private readonly LevelWindow[] _windows;
    private bool _isDisposed;

    internal Slide(string path, SlideSource source, SlideOptions options)
    {
        _source = source;
        Path = path;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        Properties = source.Properties;
        var full = source.Levels[0];
        Bounds = BoundsOf(source, full);
        Width = Bounds.Width;
        Height = Bounds.Height;
        var cache = new TileCache(source, options.CacheBytes);
        _windows = [.. source.Levels.Select((_, level) => LevelWindow.Create(cache, source.Levels, level, Bounds))];
        Levels = [.. _windows.Select(window => new SlideLevel(window.Right - window.Left, window.Bottom - window.Top, window.Downsample))];
        (MicronsPerPixel, var warnings) = PixelSize.Choose(path, source.MicronsPerPixel, options);
        Warnings = [.. source.Warnings, .. warnings];
    }

    /// <summary>The file's name without its extension.</summary>
    public string Name { get; }

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>What reads the file.</summary>
    public SlideBackend Backend => _source.Backend;

    /// <summary>Width in full-resolution pixels, inside the bounds.</summary>
    public int Width { get; }

    /// <summary>Height in full-resolution pixels, inside the bounds.</summary>
    public int Height { get; }

    /// <summary>The sizes that the file holds, the largest first; inside the bounds.</summary>
    public IReadOnlyList<SlideLevel> Levels { get; }

    /// <summary>Micrometres along a full-resolution pixel; null where neither the file nor the options say it.</summary>
    public double? MicronsPerPixel { get; }

    /// <summary>The part of the file's picture that was scanned: what to add to coordinates to get the file's own.</summary>
    public SlideBounds Bounds { get; }

    /// <summary>What the file says of itself, by OpenSlide's names where it has them.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>What a user should know before results are trusted, such as a pixel size that cannot be right; one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Opens a slide.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="SlideException">The file cannot be read as a slide, or not by the back end of the options; the message says why.</exception>
    public static Slide Open(string path, SlideOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new SlideOptions();
        options.Check();
        var full = System.IO.Path.GetFullPath(path);
        var source = SlideSources.Open(full, options);
        try
        {
            return new Slide(full, source, options);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Micrometres along a full-resolution pixel.</summary>
    /// <exception cref="SlideException">They are not known; the message names the options that say it.</exception>
    public double RequireMicronsPerPixel() => MicronsPerPixel ?? throw PixelSize.Missing(Path, Properties, Warnings);

    /// <summary>Full-resolution pixels along a pixel of a size in micrometres.</summary>
    /// <param name="micronsPerPixel">The size; above 0.</param>
    /// <exception cref="SlideException">The slide's own is not known.</exception>
    public double DownsampleAt(double micronsPerPixel)
    {
        Guard.Positive(micronsPerPixel);
        return micronsPerPixel / RequireMicronsPerPixel();
    }

    /// <summary>Reads a region as RGB bytes [height, width, 3].</summary>
    /// <remarks>
    /// Pixel (i, j) of the result is the mean over the area that begins at (x + i·downsample, y + j·downsample), which need not be whole numbers: neighbouring regions meet without a shift. It is computed from the level that is
    /// next finer. Regions finer than the slide are interpolated.
    /// </remarks>
    /// <param name="x">Left border in full-resolution pixels; may be outside the slide.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="downsample">Full-resolution pixels along a pixel of the result; above 0.</param>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[] ReadRegion(double x, double y, int width, int height, double downsample = 1)
    {
        Guard.AtLeast(width, 1);
        Guard.AtLeast(height, 1);
        var rgb = GC.AllocateUninitializedArray<byte>(checked(width * height * RgbBytes));
        ReadRegion(x, y, width, height, downsample, rgb);
        return rgb;
    }

    /// <summary>Reads a region at a size of pixels in micrometres.</summary>
    /// <param name="x">Left border in full-resolution pixels; may be outside the slide.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="micronsPerPixel">Micrometres along a pixel of the result; above 0.</param>
    /// <exception cref="SlideException">The slide's own size of pixels is not known, or the file is damaged there.</exception>
    public byte[] ReadRegionAt(double x, double y, int width, int height, double micronsPerPixel) => ReadRegion(x, y, width, height, DownsampleAt(micronsPerPixel));

    /// <summary>Reads a region into memory of the caller's.</summary>
    /// <param name="x">Left border in full-resolution pixels; may be outside the slide.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="downsample">Full-resolution pixels along a pixel of the result; above 0.</param>
    /// <param name="rgb">Receives RGB bytes [height, width, 3].</param>
    /// <exception cref="ArgumentException"><paramref name="rgb"/> is not of that length.</exception>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public void ReadRegion(double x, double y, int width, int height, double downsample, Span<byte> rgb)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Guard.AtLeast(width, 1);
        Guard.AtLeast(height, 1);
        Guard.Positive(downsample);
        Guard.InRange(x, int.MinValue, int.MaxValue);
        Guard.InRange(y, int.MinValue, int.MaxValue);
        if (rgb.Length != (long)width * height * RgbBytes)
        {
            throw new ArgumentException($"A region of {width} x {height} pixels fills {(long)width * height * RgbBytes} bytes; there are {rgb.Length}.", nameof(rgb));
        }

        var window = _windows.Last(level => level == _windows[0] || level.Downsample <= downsample * ScaleTolerance);
        Resampling.Read(
            window,
            (x + Bounds.X) / window.DownsampleX,
            (y + Bounds.Y) / window.DownsampleY,
            downsample / window.DownsampleX,
            downsample / window.DownsampleY,
            width,
            height,
            rgb);
    }

    /// <summary>Reads a region as an image of ML.NET's.</summary>
    /// <param name="x">Left border in full-resolution pixels; may be outside the slide.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="downsample">Full-resolution pixels along a pixel of the result; above 0.</param>
    /// <returns>The image, which is the caller's to dispose.</returns>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public MLImage ReadImage(double x, double y, int width, int height, double downsample = 1) => ReadImage(x, y, width, height, downsample, mirrored: false);

    /// <summary>The same; what lies beyond the slide's right and lower borders may be its mirror image there, so that networks see no border.</summary>
    internal MLImage ReadImage(double x, double y, int width, int height, double downsample, bool mirrored)
    {
        Guard.AtLeast(width, 1);
        Guard.AtLeast(height, 1);
        using var rgb = new PixelMemory(checked(width * height * RgbBytes));
        ReadRegion(x, y, width, height, downsample, rgb.Bytes);
        if (mirrored)
        {
            MirroredBorder.Fill(rgb.Bytes, width, height, (int)Math.Floor((Width - x) / downsample), (int)Math.Floor((Height - y) / downsample));
        }

        using var bgra = new PixelMemory(checked(width * height * RgbaBytes));
        var source = rgb.Bytes;
        var target = bgra.Bytes;
        for (int from = 0, to = 0; from < source.Length; from += RgbBytes, to += RgbaBytes)
        {
            target[to] = source[from + 2];
            target[to + 1] = source[from + 1];
            target[to + 2] = source[from];
            target[to + 3] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, target);
    }

    /// <summary>The whole slide as a small picture; slides that are smaller are not enlarged.</summary>
    /// <param name="longerSide">Pixels along its longer side, at least 1.</param>
    /// <exception cref="SlideException">The file is damaged.</exception>
    public RgbImage ReadThumbnail(int longerSide = 1024)
    {
        Guard.AtLeast(longerSide, 1);
        var downsample = Math.Max(1, (double)Math.Max(Width, Height) / longerSide);
        var (width, height) = (Math.Max(1, (int)Math.Round(Width / downsample)), Math.Max(1, (int)Math.Round(Height / downsample)));
        return new RgbImage(width, height, ReadRegion(0, 0, width, height, downsample));
    }

    /// <summary>Closes the file.</summary>
    /// <remarks>Nothing may be reading at that time.</remarks>
    public void Dispose()
    {
        _isDisposed = true;
        _source.Dispose();
    }

    private static SlideBounds BoundsOf(SlideSource source, SourceLevel full)
    {
        var all = new SlideBounds(0, 0, full.Width, full.Height);
        if (source.Bounds is not { } bounds)
        {
            return all;
        }

        var (left, top) = (Math.Clamp(bounds.X, 0, full.Width), Math.Clamp(bounds.Y, 0, full.Height));
        var (width, height) = (Math.Min(bounds.Width, full.Width - left), Math.Min(bounds.Height, full.Height - top));
        return width > 0 && height > 0 ? new SlideBounds(left, top, width, height) : all;
    }
}
