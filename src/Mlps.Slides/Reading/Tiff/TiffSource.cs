using System.Collections.Concurrent;
using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides;

/// <summary>A TIFF file that LibTiff reads. A handle of LibTiff serves one thread, so each level has as many as threads read it at once.</summary>
internal sealed class TiffSource : SlideSource
{
    /// <summary>Strips of few rows are read together.</summary>
    private const int RowsTogether = 64;

    /// <summary>Pixels of a tile or strip that must be decoded whole.</summary>
    private const long MaximumPiecePixels = 1L << 26;

    /// <summary>Bytes of it: that many pixels with four samples of 8 bits.</summary>
    private const long MaximumPieceBytes = 4 * MaximumPiecePixels;

    /// <summary>Colours, transparency, and what else a pixel may have.</summary>
    private const int MostSamples = 16;

    private readonly string _path;
    private readonly TiffPage[] _pages;
    private readonly ConcurrentBag<Tiff>[] _handles;
    private volatile bool _isDisposed;

    private TiffSource(string path, IReadOnlyList<TiffPage> pages, IReadOnlyDictionary<string, string> properties, (double X, double Y)? mpp)
    {
        _path = path;
        Properties = properties;
        MicronsPerPixel = mpp;
        _pages = [.. TiffPages.Levels(pages)];
        foreach (var page in _pages)
        {
            Require(page);
        }

        Levels = [.. _pages.Select(LevelOf)];
        _handles = [.. _pages.Select(_ => new ConcurrentBag<Tiff>())];
        if (TiffPages.OfFullSize(pages) is > 1 and var count)
        {
            Warnings = [$"The file holds {count} pictures of the full size, channels or focal planes perhaps; the first is read."];
        }
    }

    public override SlideBackend Backend => SlideBackend.Tiff;

    public override IReadOnlyList<SourceLevel> Levels { get; }

    public override IReadOnlyDictionary<string, string> Properties { get; }

    public override (double X, double Y)? MicronsPerPixel { get; }

    public override IReadOnlyList<string> Warnings { get; } = [];

    /// <exception cref="SlideException">The file is no TIFF, is damaged, or stores its pixels in a way that managed code does not read.</exception>
    public static TiffSource Open(string path)
    {
        using var messages = TiffMessages.Listen();
        CheckStructure(path);
        using var tiff = OpenHandle(path, messages);
        try
        {
            var properties = TiffProperties.Read(tiff);
            var mpp = TiffProperties.MicronsPerPixel(tiff, properties);
            return new TiffSource(path, TiffPages.Read(tiff, path), properties, mpp);
        }
        catch (Exception exception) when (IsLibTiffsOwn(exception))
        {
            throw Damaged(path, messages, exception);
        }
    }

    /// <summary>Checks the directories, before C code or LibTiff reads them.</summary>
    /// <exception cref="SlideException">The file says what no file can have.</exception>
    public static void CheckStructure(string path)
    {
        try
        {
            TiffStructure.Check(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, $"It cannot be read as TIFF ({exception.Message.TrimEnd('.')}).", "Check that it may be read.", exception);
        }
    }

    public override void ReadTile(int level, int column, int row, Span<byte> rgb)
    {
        rgb.Fill(byte.MaxValue);
        using var messages = TiffMessages.Listen();
        if (!_handles[level].TryTake(out var tiff))
        {
            tiff = OpenHandle(_path, messages);
            if (!tiff.SetSubDirectory(_pages[level].Offset))
            {
                tiff.Dispose();
                throw Damaged(_path, messages);
            }

            if (_pages[level].IsYcbcrJpeg)
            {
                tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            }
        }

        try
        {
            if (!new TiffTileReader(tiff, _pages[level], Levels[level]).TryRead(column, row, rgb))
            {
                throw Damaged(_path, messages);
            }
        }
        catch (Exception exception) when (IsLibTiffsOwn(exception))
        {
            throw Damaged(_path, messages, exception);
        }
        finally
        {
            _handles[level].Add(tiff);
            if (_isDisposed)
            {
                CloseHandles();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _isDisposed = true;
            CloseHandles();
        }
    }

    private void CloseHandles()
    {
        foreach (var handles in _handles)
        {
            while (handles.TryTake(out var tiff))
            {
                tiff.Dispose();
            }
        }
    }

    private void Require(TiffPage page)
    {
        const string Convert = "Convert the file: vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg --bigtiff.";
        if (!IsDecoded(page.Compression))
        {
            throw new SlideException(_path, $"Its pixels are compressed as {Name(page.Compression)}, which managed code does not decode.", $"OpenSlide reads JPEG 2000. {OpenSlideLibrary.Installation}");
        }

        if (page.Samples > MostSamples || page.IsFloatingPoint || (!page.IsPlain && page.Bits > 16))
        {
            throw new SlideException(_path, $"Its pixels have {page.Samples} samples of {page.Bits} bits{(page.IsFloatingPoint ? " that are no whole numbers from 0 on" : string.Empty)}; 8 and 16 bits are read.", Convert);
        }

        var rows = IsByLine(page) ? 1 : page.PieceHeight;
        var pixels = (long)page.PieceWidth * rows;
        if (pixels > MaximumPiecePixels || pixels * (page.ArePlanesApart ? 1 : page.Samples) * page.Bits / 8 > MaximumPieceBytes)
        {
            throw new SlideException(
                _path, string.Create(CultureInfo.InvariantCulture, $"It is compressed in pieces of {page.PieceWidth} x {rows} pixels, each of which would be decoded whole for any of its pixels."), Convert);
        }
    }

    private static bool IsDecoded(Compression compression) => compression is Compression.NONE or Compression.LZW or Compression.PACKBITS or Compression.JPEG or Compression.OJPEG
        or Compression.DEFLATE or Compression.ADOBE_DEFLATE or Compression.CCITTRLE or Compression.CCITTFAX3 or Compression.CCITTFAX4 or Compression.CCITTRLEW;

    /// <summary>Whether any row of a picture in strips can be read alone.</summary>
    private static bool IsByLine(TiffPage page) => !page.IsTiled && page.Compression is Compression.NONE && page.IsPlain;

    private static SourceLevel LevelOf(TiffPage page)
    {
        if (page.IsTiled)
        {
            return new SourceLevel(page.Width, page.Height, page.PieceWidth, page.PieceHeight);
        }

        var pieceRows = IsByLine(page) ? 1 : page.PieceHeight;
        var pieces = Math.Min(RowsTogether / pieceRows, (int)(MaximumPiecePixels / ((long)page.Width * pieceRows)));
        var rows = pieceRows * Math.Max(1, pieces);
        return new SourceLevel(page.Width, page.Height, page.Width, Math.Min(rows, page.Height));
    }

    private static Tiff OpenHandle(string path, TiffMessages.Listener messages)
    {
        try
        {
            return Tiff.Open(path, "r") ?? throw new SlideException(path, $"It cannot be read as TIFF{messages.First}.", "Copy the file again; it may be damaged or no TIFF.");
        }
        catch (Exception exception) when (IsLibTiffsOwn(exception) || exception is IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, messages, exception);
        }
    }

    private static string Name(Compression compression) => (int)compression is 33003 or 33005 or 34712 ? "JPEG 2000" : compression.ToString();

    /// <summary>LibTiff checks little of what files say: damaged ones make it fail in these ways.</summary>
    private static bool IsLibTiffsOwn(Exception exception) =>
        exception is IndexOutOfRangeException or NullReferenceException or ArgumentException or InvalidCastException or OverflowException or DivideByZeroException or NotImplementedException or InvalidOperationException or IOException or FormatException
        || exception.GetType() == typeof(Exception);

    private static SlideException Damaged(string path, TiffMessages.Listener messages, Exception? cause = null) =>
        new(path, $"It cannot be decoded{(messages.First is { Length: > 0 } first ? first : cause is null ? string.Empty : $" ({Mlps.Torch.ShortText.OfMessage(cause.Message).TrimEnd('.')})")}.", "Copy the file again; it may be damaged.", cause);
}
