using System.Buffers.Binary;
using System.Text;
using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>The dynamic linker's choice, told without loading anything.</summary>
public sealed class SystemLibrariesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxX64Fact]
    public void Find_LibraryOfTheSystem_IsTheLinkersOwnChoice()
    {
        var found = Assert.IsType<string>(SystemLibraries.Find("libc.so.6"));

        Assert.Contains(DynamicLinker.FindLoadedPaths("libc.so.6"), loaded => NativeFolders.IsSameFile(loaded, found));
    }

    [Fact]
    public void Find_NameThatNothingHas_IsNull() => Assert.Null(SystemLibraries.Find("libmlps-nowhere.so"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FindInCache_NameInTheTable_IsItsPath(bool behindAnOlderTable)
    {
        var file = _folder.Combine("libtorch_cpu.so");
        File.WriteAllBytes(file, []);
        byte[] cache = [.. behindAnOlderTable ? "ld.so-1.7.0\0\0\0\0\0"u8.ToArray() : [], .. Table(("liba.so", "/nowhere/liba.so"), ("libtorch_cpu.so", file))];

        Assert.Equal(file, SystemLibraries.FindInCache(cache, "libtorch_cpu.so"));
        Assert.Null(SystemLibraries.FindInCache(cache, "liba.so"));
        Assert.Null(SystemLibraries.FindInCache(cache, "libtorch"));
    }

    [Fact]
    public void FindInCache_CutOrForeignBytes_AreNoCache()
    {
        var cache = Table(("libtorch_cpu.so", "/nowhere"), ("libb.so", "/nowhere"));
        for (var length = 0; length < cache.Length; length++)
        {
            Assert.Null(SystemLibraries.FindInCache(cache.AsSpan(0, length), "libtorch_cpu.so"));
        }

        Assert.Null(SystemLibraries.FindInCache([1, 2, 3], "libtorch_cpu.so"));
    }

    private static byte[] Table(params (string Name, string Path)[] entries)
    {
        var strings = new List<byte>();
        var head = new byte[48 + (entries.Length * 24)];
        "glibc-ld.so.cache1.1"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), (uint)entries.Length);
        for (var n = 0; n < entries.Length; n++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(48 + (n * 24) + 4), Add(entries[n].Name));
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(48 + (n * 24) + 8), Add(entries[n].Path));
        }

        return [.. head, .. strings];

        uint Add(string text)
        {
            var start = (uint)(head.Length + strings.Count);
            strings.AddRange(Encoding.UTF8.GetBytes(text));
            strings.Add(0);
            return start;
        }
    }
}
