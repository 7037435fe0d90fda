using SkiaSharp;

namespace Mlps.Slides;

/// <summary>Decodes a tile of a TIFF that is compressed as JPEG, by Skia's decoder: several times as fast as LibTiff's managed one, and the same as OpenSlide's.</summary>
internal static class JpegTile
{
    /// <summary>A stream may have more rows than its strip, but not as many as a damaged one says.</summary>
    private const long MaximumPixels = 1L << 26;

    private const int MarkerLength = 2;
    private const int RgbaBytes = 4;

    /// <summary>Adobe's marker, whose last byte says whether colours are red, green and blue (0) or luma and chroma (1). TIFF says so in a tag.</summary>
    private static readonly byte[] _adobe = [0xFF, 0xEE, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0];

    /// <summary>Decodes a tile; false where it is none that Skia decodes whole.</summary>
    /// <param name="tables">The JPEG tables that a page's tiles share; empty for none.</param>
    /// <param name="tile">The tile's own JPEG stream.</param>
    /// <param name="isYcbcr">Whether its colours are luma and chroma.</param>
    /// <param name="width">The tile's width, which the stream must have.</param>
    /// <param name="height">Its height.</param>
    /// <param name="rgb">Receives RGB [height, width, 3].</param>
    public static unsafe bool TryDecode(ReadOnlySpan<byte> tables, ReadOnlySpan<byte> tile, bool isYcbcr, int width, int height, Span<byte> rgb)
    {
        if (!IsJpeg(tile))
        {
            return false;
        }

        var shared = IsJpeg(tables) ? tables[MarkerLength..^MarkerLength] : [];
        byte[] stream = [0xFF, 0xD8, .. _adobe, isYcbcr ? (byte)1 : (byte)0, .. shared, .. tile[MarkerLength..]];
        fixed (byte* start = stream)
        {
            using var data = SKData.Create((nint)start, stream.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null || codec.EncodedFormat is not SKEncodedImageFormat.Jpeg || codec.Info.Width != width || codec.Info.Height < height || (long)width * codec.Info.Height > MaximumPixels)
            {
                return false;
            }

            var info = new SKImageInfo(width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using var pixels = new ML.PixelMemory(checked(info.Width * info.Height * RgbaBytes));
            fixed (byte* target = pixels.Bytes)
            {
                if (codec.GetPixels(info, (nint)target) is not SKCodecResult.Success)
                {
                    return false;
                }
            }

            Pack(pixels.Bytes, rgb);
            return true;
        }
    }

    private static bool IsJpeg(ReadOnlySpan<byte> stream) => stream.Length > 2 * MarkerLength && stream[0] == 0xFF && stream[1] == 0xD8;

    private static void Pack(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to + 2 < rgb.Length; from += RgbaBytes, to += SourceLevel.RgbBytes)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
    }
}
