using System.Buffers.Binary;
using System.IO.Hashing;

namespace Mlps.Slides;

/// <summary>Tells a slide's file from another of the same name and length, without reading gigabytes.</summary>
internal static class SlideContent
{
    private const int Samples = 16;
    private const int SampleBytes = 1 << 16;

    /// <summary>A digest of a file's length and of sixteen pieces of it, and of what lies in the folder of a MIRAX slide: lower-case hexadecimal digits.</summary>
    /// <remarks>Neither path nor times count, so that a copy is the same slide.</remarks>
    public static string Digest(string path)
    {
        var hash = new XxHash128();
        Add(hash, path);
        var folder = Path.ChangeExtension(path, null);
        if (Path.GetExtension(path).Equals(".mrxs", StringComparison.OrdinalIgnoreCase) && Directory.Exists(folder))
        {
            foreach (var part in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                Add(hash, part);
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Add(XxHash128 hash, string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var piece = new byte[SampleBytes];
        BinaryPrimitives.WriteInt64LittleEndian(piece, length);
        hash.Append(piece.AsSpan(0, sizeof(long)));
        var last = Math.Max(0, length - SampleBytes);
        foreach (var place in Enumerable.Range(0, Samples).Select(sample => last / (Samples - 1) * sample).Append(last).Distinct())
        {
            hash.Append(piece.AsSpan(0, RandomAccess.Read(file, piece, place)));
        }
    }
}
