using System.Buffers.Binary;
using System.IO.Compression;

namespace Mlps.Torch.Tests.Parity;

/// <summary>Reads the plainest PNGs (8-bit RGB, not interlaced), so that the tests of the networks need no image library.</summary>
internal static class RgbPng
{
    /// <summary>The image [3, H, W].</summary>
    public static (byte[] Pixels, int Height, int Width) Read(string path)
    {
        var file = File.ReadAllBytes(path);
        int width = 0, height = 0;
        using var compressed = new MemoryStream();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var content = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
                    if (content[8] != 8 || content[9] != 2 || content[12] != 0)
                    {
                        throw new NotSupportedException($"'{path}' is not a plain 8-bit RGB PNG.");
                    }

                    break;
                case "IDAT":
                    compressed.Write(content);
                    break;
            }

            at += length + 12;
        }

        compressed.Position = 0;
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        return (Planes(zlib, height, width), height, width);
    }

    private static byte[] Planes(Stream lines, int height, int width)
    {
        var planes = new byte[3 * height * width];
        var (previous, line) = (new byte[3 * width], new byte[3 * width]);
        for (var y = 0; y < height; y++)
        {
            var filter = lines.ReadByte();
            lines.ReadExactly(line);
            for (var i = 0; i < line.Length; i++)
            {
                int left = i < 3 ? 0 : line[i - 3], up = previous[i], corner = i < 3 ? 0 : previous[i - 3];
                line[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
                planes[((i % 3) * height * width) + (y * width) + (i / 3)] = line[i];
            }

            (previous, line) = (line, previous);
        }

        return planes;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
