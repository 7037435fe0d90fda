using Xunit;

namespace Mlps.Torch.Tests.Data;

/// <summary>Messages name the file that was to be written, and not the temporary one, which nobody knows.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlps-atomic-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("missing/model")]
    [InlineData("file/model")]
    [InlineData("folder")]
    public void Write_ToAPathThatCannotBeWritten_NamesIt(string target)
    {
        _folder.CreateSubdirectory("folder");
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");
        var path = Path.Combine(_folder.FullName, target);

        var error = Record.Exception(() => AtomicFile.Write(path, "content"u8));

        Assert.True(error is IOException or UnauthorizedAccessException, $"{error}");
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles("*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_ReplacesTheFile_ToDiskOrNot(bool toDisk)
    {
        var path = Path.Combine(_folder.FullName, "labels");
        File.WriteAllText(path, "an older and longer text");

        AtomicFile.Write(path, "content"u8, toDisk);

        Assert.Equal("content", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void Commit_OfAFileThatWasNotWritten_NamesTheTarget()
    {
        using var file = new AtomicFile(Path.Combine(_folder.FullName, "model"));

        var error = Assert.Throws<IOException>(() => file.Commit());

        Assert.Contains(Path.Combine(_folder.FullName, "model"), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ThatFailsHalfway_NamesTheTargetAndLeavesIt()
    {
        var path = Path.Combine(_folder.FullName, "model");
        File.WriteAllText(path, "before");

        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => throw new IOException($"No space left on device : '{stream.Name}'")));

        Assert.Equal($"No space left on device : '{path}'", error.Message);
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void Named_KeepsTheCodeByWhichAFullDiskIsKnown()
    {
        using var file = new AtomicFile(Path.Combine(_folder.FullName, "model"));

        var named = file.Named(new IOException($"No space left on device : '{file.TemporaryPath}'") { HResult = 28 });

        Assert.Equal(($"No space left on device : '{Path.Combine(_folder.FullName, "model")}'", 28), (named!.Message, named.HResult));
        Assert.Null(file.Named(new IOException("another file")));
        Assert.Null(file.Named(new InvalidOperationException(file.TemporaryPath)));
    }
}
