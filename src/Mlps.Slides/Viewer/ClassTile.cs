using System.Buffers.Binary;
using System.IO.Compression;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>A tile of one class as PNG: a bit a pixel, the class in its colour and everything else transparent.</summary>
internal static class ClassTile
{
    private const byte BitDepth = 1;
    private const byte PaletteColors = 3;
    private const int Byte = 8;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The file's bytes; equal pixels give equal bytes.</summary>
    /// <param name="rows">Classes, row by row.</param>
    /// <param name="stride">Pixels from one row to the next.</param>
    /// <param name="left">First column of the tile.</param>
    /// <param name="width">Width of the tile.</param>
    /// <param name="height">Height of the tile.</param>
    /// <param name="value">The class.</param>
    /// <param name="color">Its colour.</param>
    public static byte[] Encode(ReadOnlySpan<byte> rows, int stride, int left, int width, int height, byte value, TissueColor color)
    {
        var file = new MemoryStream();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        (header[8], header[9]) = (BitDepth, PaletteColors);
        PngChunk.Write(file, "IHDR"u8, header);
        PngChunk.Write(file, "PLTE"u8, [color.Red, color.Green, color.Blue, color.Red, color.Green, color.Blue]);

        // The first colour is transparent; it is the same one, so that enlarged edges do not darken.
        PngChunk.Write(file, "tRNS"u8, [0]);
        PngChunk.Write(file, "IDAT"u8, Compress(rows, stride, left, width, height, value));
        PngChunk.Write(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> rows, int stride, int left, int width, int height, byte value)
    {
        var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // Each line begins with its filter: none.
            var line = new byte[1 + ((width + Byte - 1) / Byte)];
            for (var y = 0; y < height; y++)
            {
                line.AsSpan().Clear();
                var row = rows.Slice((y * stride) + left, width);
                for (var x = 0; x < row.Length; x++)
                {
                    if (row[x] == value)
                    {
                        line[1 + (x / Byte)] |= (byte)(0x80 >> (x % Byte));
                    }
                }

                deflater.Write(line);
            }
        }

        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}
