using System.Buffers.Binary;
using System.IO.Compression;
using Mlps.ML.Tests.Data;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Damage;

/// <summary>Damages the chunks of a PNG, whose lengths and checksums are repaired.</summary>
internal static class PngDamage
{
    private const int SignatureLength = 8;
    private const int ChunkOverhead = 12;
    private const int MostChanges = 3;

    private static readonly uint[] _sizes = [0, 1, 2, 7, 100, 1000, 1999, 16384, 65535, 65536, 1 << 28, int.MaxValue, uint.MaxValue];

    public static byte[] Apply(Random random, byte[] file, byte[] other)
    {
        var chunks = Read(file);
        for (var i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            Change(random, chunks, Read(other));
        }

        return [.. file[..SignatureLength], .. chunks.SelectMany(chunk => PngBuilder.Chunk(chunk.Type, chunk.Content))];
    }

    private static void Change(Random random, List<(string Type, byte[] Content)> chunks, List<(string Type, byte[] Content)> others)
    {
        if (chunks.Count == 0)
        {
            return;
        }

        var at = random.Next(chunks.Count);
        var (type, content) = chunks[at];
        switch (random.Next(8))
        {
            case 0:
                chunks.RemoveAt(at);
                break;
            case 1:
                chunks.Insert(random.Next(chunks.Count), others[random.Next(others.Count)]);
                break;
            case 2:
                chunks[at] = others[random.Next(others.Count)];
                break;
            case 3 or 4 when chunks[0] is ("IHDR", { Length: >= 8 } header):
                byte[] changed = [.. header];
                if (random.Next(2) == 0)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(4 * random.Next(2)), _sizes[random.Next(_sizes.Length)]);
                }
                else
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(20);
                }

                chunks[0] = ("IHDR", changed);
                break;
            case 5 or 6 when chunks.FindIndex(chunk => chunk.Type is "IDAT") is >= 0 and var data:
                chunks[data] = ("IDAT", Rows(random, chunks[data].Content));
                break;
            default:
                chunks[at] = (type, content.Length == 0 ? [0] : Mutation.Apply(random, content, content));
                break;
        }
    }

    /// <summary>Damages the rows within the compressed data.</summary>
    private static byte[] Rows(Random random, byte[] data)
    {
        var rows = new MemoryStream();
        try
        {
            using var inflater = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
            inflater.CopyTo(rows);
        }
        catch (InvalidDataException)
        {
            return Mutation.Apply(random, data, data);
        }

        var changed = rows.Length == 0 ? [] : Mutation.Apply(random, rows.ToArray(), data);
        using var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, CompressionLevel.Fastest))
        {
            deflater.Write(changed);
            if (random.Next(20) == 0)
            {
                deflater.Write(new byte[8 << 20]);
            }
        }

        return compressed.ToArray();
    }

    private static List<(string Type, byte[] Content)> Read(byte[] file)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = SignatureLength; at + ChunkOverhead <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            chunks.Add((System.Text.Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
            at += ChunkOverhead + length;
        }

        return chunks;
    }
}
