namespace Mlps.ML.Tests.Data;

/// <summary>A folder that lives as long as a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlps-data-").FullName;

    /// <summary>The full path of a file, whose folder is made.</summary>
    public string File(string relativePath)
    {
        var path = System.IO.Path.Combine([Path, .. relativePath.Split('/')]);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>The full path of a folder, which is made.</summary>
    public string Folder(string relativePath) => Directory.CreateDirectory(System.IO.Path.Combine([Path, .. relativePath.Split('/')])).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
