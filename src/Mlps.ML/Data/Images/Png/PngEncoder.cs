using System.Buffers.Binary;
using System.IO.Compression;

namespace Mlps.ML.Png;

/// <summary>Writes PNG files of 8 bits a sample, without interlace.</summary>
internal static class PngEncoder
{
    private const int BitDepth = 8;

    /// <summary>The bytes of a file.</summary>
    /// <remarks>Equal samples give equal bytes.</remarks>
    /// <param name="samples">[H, W, channels].</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colorType">Palette or truecolour.</param>
    /// <param name="palette">RGB triplets for a palette file, else empty.</param>
    /// <param name="level">How hard to compress.</param>
    public static byte[] Encode(ReadOnlySpan<byte> samples, int width, int height, PngColorType colorType, ReadOnlySpan<byte> palette, CompressionLevel level)
    {
        using var file = new MemoryStream();
        file.Write(PngChunk.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = BitDepth;
        header[9] = (byte)colorType;
        header[10..].Clear();
        PngChunk.Write(file, "IHDR"u8, header);
        if (!palette.IsEmpty)
        {
            PngChunk.Write(file, "PLTE"u8, palette);
        }

        PngChunk.Write(file, "IDAT"u8, Compress(samples, samples.Length / height, colorType, level));
        PngChunk.Write(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> samples, int rowLength, PngColorType colorType, CompressionLevel level)
    {
        // Neighbouring colours are alike, so their differences compress well; neighbouring indices are equal or unrelated.
        var stride = colorType == PngColorType.Palette ? 0 : rowLength;
        var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, level, leaveOpen: true))
        {
            var line = new byte[rowLength + 1];
            line[0] = stride == 0 ? (byte)0 : (byte)2;
            for (var start = 0; start < samples.Length; start += rowLength)
            {
                var row = samples.Slice(start, rowLength);
                if (stride == 0 || start == 0)
                {
                    row.CopyTo(line.AsSpan(1));
                }
                else
                {
                    for (var i = 0; i < rowLength; i++)
                    {
                        line[i + 1] = (byte)(row[i] - samples[start - stride + i]);
                    }
                }

                deflater.Write(line);
            }
        }

        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}
