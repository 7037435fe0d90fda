using System.Security.Cryptography;
using Mlps.Testing;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Formats;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Where the file of a package is sought, and what is said where it is missing or another one.</summary>
public sealed class PretrainedWeightsTests : IDisposable
{
    private static readonly byte[] Content = [1, 2, 3];

    private readonly TemporaryFolder _folder = new();
    private readonly PackagedFile _file = new("The network", "Some.Package", "1.2.3", ["Models", "Net", "net.onnx"], Content.Length, Convert.ToHexString(SHA256.HashData(Content)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_BesideTheApplication_ComesFirst()
    {
        var beside = Write("app/Models/Net/net.onnx");
        Write("cache/some.package/1.2.3/tools/Models/Net/net.onnx");

        Assert.Equal(beside, _file.Find([Folder("empty"), Folder("app")], [Folder("cache")]));
    }

    [Fact]
    public void Find_InThePackageCache_TakesThePackagesVersion()
    {
        Write("cache/some.package/9.9.9/tools/Models/Net/net.onnx");
        var cached = Write("cache/some.package/1.2.3/tools/Models/Net/net.onnx");

        Assert.Equal(cached, _file.Find([Folder("app")], [Folder("none"), Folder("cache")]));
        Assert.Null(_file.Find([Folder("app")], [Folder("none")]));
    }

    [Theory]
    [InlineData(new byte[] { 1, 2 }, "is 2 bytes long; expected 3")]
    [InlineData(new byte[] { 1, 2, 4 }, "has the SHA-256")]
    public void Find_AnotherFile_IsRefused(byte[] content, string expected)
    {
        var path = Write("app/Models/Net/net.onnx", content);

        var error = Assert.Throws<WeightFileException>(() => _file.Find([Folder("app")], []));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("as in Some.Package 1.2.3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FileThatChanges_IsCheckedAgain()
    {
        var path = Write("app/Models/Net/net.onnx");
        Assert.Equal(path, _file.Find([Folder("app")], []));
        File.WriteAllBytes(path, [3, 2, 1]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));

        Assert.Throws<WeightFileException>(() => _file.Find([Folder("app")], []));
    }

    [Fact]
    public void Missing_SaysWhichPackageToAddAndHow()
    {
        var message = _file.Missing(["/app"]).Message;

        Assert.Contains("'Models/Net/net.onnx' was sought in '/app'", message, StringComparison.Ordinal);
        Assert.Contains("<PackageReference Include=\"Some.Package\" Version=\"1.2.3\" IncludeAssets=\"build\" />", message, StringComparison.Ordinal);
        Assert.Contains("#:package Some.Package@1.2.3", message, StringComparison.Ordinal);
        Assert.Contains("#r \"nuget: Some.Package, 1.2.3\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Caches_AreThatOfTheAssemblyThenTheNamedOrTheUsers()
    {
        var home = Path.Combine("home", "me");
        var cached = Path.Combine("cache", "mlps.torch", "1.0.0", "lib", "net10.0", "Mlps.Torch.dll");

        Assert.Equal(["cache", Path.Combine(home, ".nuget", "packages")], PackageFolders.Caches(cached, null, home));
        Assert.Equal(["named"], PackageFolders.Caches(Path.Combine("app", "bin", "Mlps.Torch.dll"), "named", home));
        Assert.Empty(PackageFolders.Caches(null, string.Empty, string.Empty));
    }

    private string Folder(string name) => Path.Combine(_folder.Path, name);

    private string Write(string name, byte[]? content = null)
    {
        var path = Path.Combine([_folder.Path, .. name.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content ?? Content);
        return path;
    }
}
