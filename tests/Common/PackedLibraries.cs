using System.Globalization;

namespace Mlps.Testing;

/// <summary>All packages in a folder, of a version that no cache knows; removed afterwards, from the cache too.</summary>
public sealed class PackedLibraries : IDisposable
{
    /// <summary>Packs what the tests were built with.</summary>
    public PackedLibraries()
    {
        Version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}");
        foreach (var library in (string[])["Mlps.Torch", "Mlps.ML", "Mlps.Slides", "Mlps.Onnx", "Mlps.Onnx.Export"])
        {
            // Built apart from the repository's own output, which other test runs are using.
            Command.Successful(
                RepositoryFolder.Root,
                "pack", Path.Combine("src", library), "-c", "Release", "-o", Feed, $"-p:Version={Version}", "--artifacts-path", Path.Combine(Folder, "artifacts"), "-nodeReuse:false", "-p:UseSharedCompilation=false", "--nologo");
        }
    }

    /// <summary>Everything that is made here.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("mlps-packages-").FullName;

    /// <summary>The folder of the packages.</summary>
    public string Feed => Path.Combine(Folder, "feed");

    /// <summary>Where .NET keeps what it builds of applications of one file.</summary>
    public string Builds => Directory.CreateDirectory(Path.Combine(Folder, "builds")).FullName;

    /// <summary>The packages' version.</summary>
    public string Version { get; }

    /// <summary>Gives the disk back that applications of one file took.</summary>
    public void DeleteBuilds() => Directory.Delete(Builds, recursive: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var library in (string[])["mlps.torch", "mlps.ml", "mlps.slides", "mlps.onnx", "mlps.onnx.export"])
        {
            var cached = Path.Combine(cache, library, Version);
            if (Directory.Exists(cached))
            {
                Directory.Delete(cached, recursive: true);
            }
        }
    }
}
