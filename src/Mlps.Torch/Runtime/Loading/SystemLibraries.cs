using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Runtime;

/// <summary>Which file the dynamic linker would take for a bare name, told without loading it: <c>LD_LIBRARY_PATH</c>, then the linker's cache, then its usual folders.</summary>
internal static class SystemLibraries
{
    private const string CacheFile = "/etc/ld.so.cache";
    private const int HeaderLength = 48;
    private const int EntryLength = 24;

    private static ReadOnlySpan<byte> Magic => "glibc-ld.so.cache1.1"u8;

    private static readonly string[] _usualFolders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

    /// <summary>The file's path, or null where the linker finds none.</summary>
    /// <param name="fileName">As in <c>libtorch_cpu.so</c>.</param>
    public static string? Find(string fileName)
    {
        var folders = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split([':', ';'], StringSplitOptions.RemoveEmptyEntries);
        return NativeFolders.Find(folders, fileName) ?? FindInCache(ReadCache(), fileName) ?? NativeFolders.Find(_usualFolders, fileName);
    }

    /// <summary>The path that the linker's cache has for a name, or null.</summary>
    /// <param name="cache">The bytes of <c>ld.so.cache</c>; a layout that is not known counts as empty.</param>
    /// <param name="fileName">The name.</param>
    internal static string? FindInCache(ReadOnlySpan<byte> cache, string fileName)
    {
        // The table may follow one of an older layout; its offsets count from its own start.
        var start = cache.IndexOf(Magic);
        if (start < 0 || cache.Length - start < HeaderLength)
        {
            return null;
        }

        var table = cache[start..];
        long count = BinaryPrimitives.ReadUInt32LittleEndian(table[Magic.Length..]);
        for (var n = 0; n < count && HeaderLength + ((n + 1L) * EntryLength) <= table.Length; n++)
        {
            var entry = table.Slice(HeaderLength + (n * EntryLength), EntryLength);
            if (Text(table, entry[4..]) == fileName && Text(table, entry[8..]) is { } path && File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static byte[] ReadCache()
    {
        try
        {
            return File.ReadAllBytes(CacheFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without a cache the linker goes on to its usual folders, and so does this.
            return [];
        }
    }

    private static string? Text(ReadOnlySpan<byte> table, ReadOnlySpan<byte> offset)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(offset);
        if (start >= table.Length)
        {
            return null;
        }

        var text = table[(int)start..];
        var end = text.IndexOf((byte)0);
        return end < 0 ? null : Encoding.UTF8.GetString(text[..end]);
    }
}
