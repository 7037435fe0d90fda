using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mlps.ML.Tests.Data;

/// <summary>Writes PNG files of every kind that the format allows, and some that it does not.</summary>
internal sealed record PngBuilder
{
    private static readonly (int Left, int Top, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>What the header says instead of the width, if anything.</summary>
    public int? ClaimedWidth { get; init; }

    /// <summary>What the header says instead of the height, if anything.</summary>
    public int? ClaimedHeight { get; init; }

    /// <summary>One byte a sample, [H, W, channels].</summary>
    public required byte[] Samples { get; init; }

    public byte ColorType { get; init; } = 3;

    public int BitDepth { get; init; } = 8;

    /// <summary>The filter of every row, or null for 0, 1, 2, 3, 4, 0, … by row.</summary>
    public int? Filter { get; init; }

    public bool Interlaced { get; init; }

    public int DataChunks { get; init; } = 1;

    public byte[] Palette { get; init; } = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

    /// <summary>Whole chunks that come before the image data.</summary>
    public byte[] Extra { get; init; } = [];

    /// <summary>What is done to the filtered rows before they are compressed.</summary>
    public Func<byte[], byte[]> OnRows { get; init; } = rows => rows;

    /// <summary>What is done to the compressed data.</summary>
    public Func<byte[], byte[]> OnCompressed { get; init; } = data => data;

    private int Channels => ColorType switch { 2 => 3, 6 => 4, _ => 1 };

    public static byte[] Chunk(string type, byte[] contents)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. contents];
        return [.. BigEndian((uint)contents.Length), .. typed, .. BigEndian(Crc(typed))];
    }

    public byte[] Build()
    {
        byte[] header = [.. BigEndian((uint)(ClaimedWidth ?? Width)), .. BigEndian((uint)(ClaimedHeight ?? Height)), (byte)BitDepth, ColorType, 0, 0, Interlaced ? (byte)1 : (byte)0];
        var data = OnCompressed(Compress(OnRows(Rows())));
        var chunkLength = (data.Length + DataChunks - 1) / DataChunks;
        return
        [
            0x89, .. "PNG\r\n\u001a\n"u8,
            .. Chunk("IHDR", header),
            .. Palette.Length == 0 ? [] : Chunk("PLTE", Palette),
            .. Extra,
            .. data.Chunk(chunkLength).SelectMany(part => Chunk("IDAT", part)),
            .. Chunk("IEND", []),
        ];
    }

    public void Write(string path) => File.WriteAllBytes(path, Build());

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>The checksum bit by bit, as the PNG specification defines it.</summary>
    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }

    private static byte[] Compress(byte[] rows)
    {
        using var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, CompressionLevel.Optimal))
        {
            deflater.Write(rows);
        }

        return compressed.ToArray();
    }

    private byte[] Rows()
    {
        var rows = new List<byte>();
        foreach (var (left, top, stepX, stepY) in Interlaced ? Passes : [(0, 0, 1, 1)])
        {
            byte[]? above = null;
            for (var y = top; y < Height && left < Width; y += stepY)
            {
                var row = Pack(y, left, stepX);
                var filter = Filter ?? y % 5;
                rows.Add((byte)filter);
                rows.AddRange(Apply(filter, row, above ?? new byte[row.Length]));
                above = row;
            }
        }

        return [.. rows];
    }

    private byte[] Pack(int y, int left, int stepX)
    {
        var bits = new StringBuilder();
        for (var x = left; x < Width; x += stepX)
        {
            for (var channel = 0; channel < Channels; channel++)
            {
                bits.Append(Convert.ToString(Samples[(((y * Width) + x) * Channels) + channel], 2).PadLeft(BitDepth, '0'));
            }
        }

        while (bits.Length % 8 != 0)
        {
            bits.Append('0');
        }

        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.ToString(i * 8, 8), 2))];
    }

    private byte[] Apply(int filter, byte[] row, byte[] above)
    {
        var stride = Math.Max(1, Channels * BitDepth / 8);
        return
        [
            .. row.Select((value, i) =>
            {
                int left = i < stride ? 0 : row[i - stride], up = above[i], corner = i < stride ? 0 : above[i - stride];
                return (byte)(value - filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    4 => Nearest(left + up - corner, left, up, corner),
                    _ => 0,
                });
            }),
        ];
    }

    private static int Nearest(int target, params int[] candidates) => candidates.MinBy(candidate => Math.Abs(candidate - target));
}
