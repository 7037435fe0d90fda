using System.Security.Cryptography;
using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class PatchedLibraryCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _original = [1, 2, 3, 4];
    private readonly byte[] _content = [1, 2, 3, 5];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GetOrAdd_EmptyCache_WritesUnderTheHashOfTheOriginal()
    {
        var path = GetOrAdd();

        Assert.Equal(Path.Combine(_folder.Path, Convert.ToHexStringLower(SHA256.HashData(_original)), "library.so"), path);
        Assert.Equal(_content, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void GetOrAdd_SecondTime_DoesNotWriteAgain()
    {
        var past = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(GetOrAdd(), past);

        Assert.Equal(past, File.GetLastWriteTimeUtc(GetOrAdd()));
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 9, 2, 3, 5 })]
    [InlineData(new byte[0])]
    public void GetOrAdd_TruncatedOrChangedCopy_IsReplaced(byte[] found)
    {
        File.WriteAllBytes(GetOrAdd(), found);

        Assert.Equal(_content, File.ReadAllBytes(GetOrAdd()));
    }

    [Fact]
    public void GetOrAdd_ManyAtOnce_AllGetAWholeCopyAndLeaveNothingElse()
    {
        var content = RandomNumberGenerator.GetBytes(1 << 20);
        var cache = new PatchedLibraryCache(_folder.Path);

        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(cache.GetOrAdd("library.so", _original, content)))));

        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void GetOrAdd_RootThatIsAFile_ThrowsAndLeavesItAlone()
    {
        var file = _folder.Combine("file");
        File.WriteAllBytes(file, _original);

        Assert.ThrowsAny<IOException>(() => new PatchedLibraryCache(file).GetOrAdd("library.so", _original, _content));
        Assert.Equal(_original, File.ReadAllBytes(file));
    }

    [Fact]
    public void DeletePrivateCopy_AfterWrite_LeavesNeitherFileNorFolder()
    {
        var path = PatchedLibraryCache.WritePrivateCopy("library.so", _content);
        Assert.Equal(_content, File.ReadAllBytes(path));

        PatchedLibraryCache.DeletePrivateCopy(path);

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    private string GetOrAdd() => new PatchedLibraryCache(_folder.Path).GetOrAdd("library.so", _original, _content);
}
