using System.Globalization;
using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>A folder of packages, of a version that no cache knows; removed when the process ends, from the cache too.</summary>
internal sealed class PackageFeed
{
    private static readonly string[] _libraries = ["Mlps.Torch", "Mlps.ML", "Mlps.Slides", "Mlps.Onnx", "Mlps.Onnx.Export"];

    private readonly string _root = Directory.CreateTempSubdirectory("mlps-feed-").FullName;

    /// <summary>Packs what the tests were built with.</summary>
    public PackageFeed()
    {
        Version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}");
        foreach (var library in _libraries)
        {
            // Built apart from the repository's own output, which other test runs are using.
            Command.Successful(
                RepositoryFolder.Root,
                "pack", Path.Combine("src", library), "-c", "Release", "-o", Folder, $"-p:Version={Version}", "--artifacts-path", Path.Combine(_root, "artifacts"), "-nodeReuse:false", "-p:UseSharedCompilation=false", "--nologo");
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete();
    }

    /// <summary>The folder of the packages.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>The packages' version.</summary>
    public string Version { get; }

    private void Delete()
    {
        Directory.Delete(_root, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var library in _libraries)
        {
#pragma warning disable CA1308 // The cache's folders have the lower-case names of packages.
            var cached = Path.Combine(cache, library.ToLowerInvariant(), Version);
#pragma warning restore CA1308
            if (Directory.Exists(cached))
            {
                Directory.Delete(cached, recursive: true);
            }
        }
    }
}
