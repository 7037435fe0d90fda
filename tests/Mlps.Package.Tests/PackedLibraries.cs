namespace Mlps.Package.Tests;

/// <summary>All packages, and a folder to use them in, which is removed afterwards.</summary>
public sealed class PackedLibraries : IDisposable
{
    // Made by whichever test needs it first; classes run side by side.
    private static readonly Lazy<PackageFeed> _feed = new(() => new());

    /// <summary>Packs what the tests were built with, unless other tests have.</summary>
    public PackedLibraries() => (Feed, Version) = (_feed.Value.Folder, _feed.Value.Version);

    /// <summary>Everything that is made here.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("mlps-packages-").FullName;

    /// <summary>The folder of the packages.</summary>
    public string Feed { get; }

    /// <summary>Where .NET keeps what it builds of applications of one file.</summary>
    public string Builds => Directory.CreateDirectory(Path.Combine(Folder, "builds")).FullName;

    /// <summary>The packages' version.</summary>
    public string Version { get; }

    /// <summary>Gives the disk back that applications of one file took.</summary>
    public void DeleteBuilds() => Directory.Delete(Builds, recursive: true);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
