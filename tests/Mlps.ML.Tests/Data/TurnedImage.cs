using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Mlps.ML.Tests.Data;

/// <summary>Image files with an EXIF orientation.</summary>
internal static class TurnedImage
{
    private const int OrientationTag = 0x0112, ShortType = 3;

    /// <summary>A JPEG file with the EXIF segment before all others; the bitmap is disposed.</summary>
    public static byte[] Jpeg(SKBitmap stored, int orientation, bool bigEndian)
    {
        var jpeg = Encode(stored, SKEncodedImageFormat.Jpeg);
        byte[] exif = [.. "Exif\0\0"u8, .. Tiff(orientation, bigEndian)];
        var length = exif.Length + 2;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. exif, .. jpeg[2..]];
    }

    /// <summary>An extended WebP file: its header, the encoded pixels, and the EXIF chunk behind them; the bitmap is disposed.</summary>
    public static byte[] WebP(SKBitmap stored, int orientation, bool bigEndian)
    {
        var (width, height) = (stored.Width, stored.Height);
        var pixels = Encode(stored, SKEncodedImageFormat.Webp)[12..];
        var extended = Encoding.ASCII.GetString(pixels, 0, 4) == "VP8X" ? throw new NotSupportedException("Skia wrote an extended file itself.") : new byte[10];
        extended[0] = 0x08;
        Little24(extended.AsSpan(4), width - 1);
        Little24(extended.AsSpan(7), height - 1);
        byte[] body = [.. "WEBP"u8, .. Chunk("VP8X", extended), .. pixels, .. Chunk("EXIF", Tiff(orientation, bigEndian))];
        return Chunk("RIFF", body);
    }

    private static byte[] Encode(SKBitmap stored, SKEncodedImageFormat format)
    {
        using (stored)
        {
            using var data = stored.Encode(format, 95);
            return data.ToArray();
        }
    }

    /// <summary>A TIFF header with one directory of one entry.</summary>
    private static byte[] Tiff(int orientation, bool bigEndian)
    {
        var tiff = new byte[26];
        Encoding.ASCII.GetBytes(bigEndian ? "MM" : "II").CopyTo(tiff, 0);
        Short(2, 42);
        Long(4, 8);
        Short(8, 1);
        Short(10, OrientationTag);
        Short(12, ShortType);
        Long(14, 1);
        Short(18, (ushort)orientation);
        return tiff;

        void Short(int at, ushort value)
        {
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(at), value);
            }
        }

        void Long(int at, uint value)
        {
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt32BigEndian(tiff.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(at), value);
            }
        }
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        return [.. Encoding.ASCII.GetBytes(name), .. length, .. content, .. new byte[content.Length % 2]];
    }

    private static void Little24(Span<byte> target, int value)
    {
        target[0] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[2] = (byte)(value >> 16);
    }
}
