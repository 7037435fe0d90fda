using System.Text;
using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides;

/// <summary>A picture in a TIFF file: its place, its size, and how its pixels are stored.</summary>
internal sealed record TiffPage
{
    private const int ReducedImage = 1;

    /// <summary>Where its directory is in the file.</summary>
    public required long Offset { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required bool IsTiled { get; init; }

    /// <summary>Size of the tiles or strips.</summary>
    public required int PieceWidth { get; init; }

    public required int PieceHeight { get; init; }

    public required Compression Compression { get; init; }

    public required Photometric Photometric { get; init; }

    public required int Bits { get; init; }

    public required int Samples { get; init; }

    public required bool ArePlanesApart { get; init; }

    /// <summary>Whether the fourth sample is how opaque a pixel is, and whether colours are multiplied by it.</summary>
    public required ExtraSample Alpha { get; init; }

    /// <summary>Whether it says that it is a smaller copy.</summary>
    public required bool IsReduced { get; init; }

    public required bool IsFloatingPoint { get; init; }

    public required bool IsUpright { get; init; }

    public required string Description { get; init; }

    /// <summary>Directories of smaller copies inside this one.</summary>
    public required IReadOnlyList<long> Inner { get; init; }

    /// <summary>JPEG tables that its tiles share; empty for none.</summary>
    public required byte[] JpegTables { get; init; }

    /// <summary>Whether samples can be copied as they are read; others go through LibTiff's conversion to RGBA.</summary>
    public bool IsPlain =>
        IsUpright
        && !IsFloatingPoint
        && Bits is 8 or 16
        && (Photometric is Photometric.MINISBLACK or Photometric.MINISWHITE
            || (Photometric is Photometric.RGB && Samples >= 3)
            || (IsYcbcrJpeg && Samples == 3));

    /// <summary>Whether the JPEG decoder is to convert colours.</summary>
    public bool IsYcbcrJpeg => Photometric is Photometric.YCBCR && Compression is Compression.JPEG;

    /// <summary>Reads the directory that a file is at.</summary>
    /// <exception cref="SlideException">It lacks what every picture has.</exception>
    public static TiffPage Read(Tiff tiff, string path)
    {
        var (width, height) = (Number(tiff, TiffTag.IMAGEWIDTH), Number(tiff, TiffTag.IMAGELENGTH));
        var isTiled = tiff.IsTiled();
        var pieceWidth = isTiled ? Number(tiff, TiffTag.TILEWIDTH) : width;
        var pieceHeight = isTiled ? Number(tiff, TiffTag.TILELENGTH) : Math.Min(Number(tiff, TiffTag.ROWSPERSTRIP, int.MaxValue) is > 0 and var rows ? rows : int.MaxValue, height);
        if (width < 1 || height < 1 || pieceWidth < 1 || pieceHeight < 1)
        {
            throw new SlideException(path, $"A picture in it is said to have {width} x {height} pixels in pieces of {pieceWidth} x {pieceHeight}.", "Copy the file again; it may be damaged.");
        }

        RequirePiecesInFile(tiff, isTiled, path);
        var samples = Number(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        return new TiffPage
        {
            Offset = tiff.CurrentDirOffset(),
            Width = width,
            Height = height,
            IsTiled = isTiled,
            PieceWidth = pieceWidth,
            PieceHeight = pieceHeight,
            Compression = (Compression)Number(tiff, TiffTag.COMPRESSION, (int)Compression.NONE),
            Photometric = (Photometric)Number(tiff, TiffTag.PHOTOMETRIC, samples >= 3 ? (int)Photometric.RGB : (int)Photometric.MINISBLACK),
            Bits = Number(tiff, TiffTag.BITSPERSAMPLE, 1),
            Samples = samples,
            ArePlanesApart = samples > 1 && Number(tiff, TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == (int)PlanarConfig.SEPARATE,
            Alpha = AlphaOf(tiff, samples),
            IsReduced = (Number(tiff, TiffTag.SUBFILETYPE) & ReducedImage) != 0,
            IsFloatingPoint = Number(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT) is not ((int)SampleFormat.UINT or (int)SampleFormat.VOID),
            IsUpright = Number(tiff, TiffTag.ORIENTATION, (int)Orientation.TOPLEFT) == (int)Orientation.TOPLEFT,
            Description = Text(tiff, TiffTag.IMAGEDESCRIPTION),
            Inner = Offsets(tiff),
            JpegTables = tiff.GetField(TiffTag.JPEGTABLES) is [_, var tables] ? tables.ToByteArray() ?? [] : [],
        };
    }

    /// <summary>A text, which may be UTF-8 although LibTiff reads Latin-1.</summary>
    public static string Text(Tiff tiff, TiffTag tag)
    {
        if (tiff.GetField(tag) is not [var value, ..] || value.ToString() is not { Length: > 0 } text)
        {
            return string.Empty;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(text)).TrimEnd('\0');
        }
        catch (DecoderFallbackException)
        {
            return text.TrimEnd('\0');
        }
    }

    public static double Real(Tiff tiff, TiffTag tag) => tiff.GetField(tag) is [var value, ..] ? value.ToDouble() : 0;

    public static int Number(Tiff tiff, TiffTag tag, int missing = 0) => tiff.GetField(tag) is [var value, ..] ? value.ToInt() : missing;

    private static ExtraSample AlphaOf(Tiff tiff, int samples) =>
        samples == 4 && tiff.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds] && kinds.ToByteArray() is [var kind, ..] ? (ExtraSample)kind : ExtraSample.UNSPECIFIED;

    /// <summary>LibTiff makes room for a piece by the length that it has taken from the directory, or estimated where that is damaged.</summary>
    private static void RequirePiecesInFile(Tiff tiff, bool isTiled, string path)
    {
        var length = tiff.GetStream().Size(tiff.Clientdata());
        var longest = tiff.GetField(isTiled ? TiffTag.TILEBYTECOUNTS : TiffTag.STRIPBYTECOUNTS) is [var lengths, ..] ? Numbers(lengths).DefaultIfEmpty().Max(piece => (ulong)piece) : 0;
        if (longest > (ulong)length)
        {
            throw new SlideException(path, $"A piece of a picture in it is said to have {longest} bytes, and the file has {length}.", "Copy the file again; it may be damaged.");
        }
    }

    private static long[] Offsets(Tiff tiff) => tiff.GetField(TiffTag.SUBIFD) is [_, var offsets] ? Numbers(offsets) : [];

    private static long[] Numbers(FieldValue value) => value.Value switch
    {
        long[] numbers => numbers,
        ulong[] numbers => [.. numbers.Select(number => (long)number)],
        int[] numbers => [.. numbers.Select(number => (long)(uint)number)],
        uint[] numbers => [.. numbers.Select(number => (long)number)],
        _ => [],
    };
}
