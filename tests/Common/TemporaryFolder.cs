namespace Mlps.Testing;

/// <summary>A folder for one test, which is deleted with all that it holds when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("mlps-test-").FullName;

    /// <summary>The full path of a file or folder below, which is not created.</summary>
    public string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>The full path of a file below, whose folder is created.</summary>
    public string File(string relativePath)
    {
        var path = Combine(relativePath.Split('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>The full path of a folder below, which is created.</summary>
    public string Folder(string relativePath) => Directory.CreateDirectory(Combine(relativePath.Split('/'))).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
