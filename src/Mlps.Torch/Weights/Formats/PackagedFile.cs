using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Mlps.Torch.Weights.Formats;

/// <summary>A file of weights that a NuGet package puts beside the applications that reference it.</summary>
/// <param name="title">What the file is, as the start of a sentence.</param>
/// <param name="package">Name of the package.</param>
/// <param name="version">Its version.</param>
/// <param name="parts">Path in an application's folder, and in the package's folder <c>tools</c>.</param>
/// <param name="length">Length in bytes.</param>
/// <param name="sha256">SHA-256, in upper-case hexadecimal.</param>
internal sealed class PackagedFile(string title, string package, string version, string[] parts, long length, string sha256)
{
    private readonly ConcurrentDictionary<(string Path, DateTime Written), bool> _checked = new();

    /// <summary>The path of the file.</summary>
    /// <exception cref="FileNotFoundException">It is nowhere.</exception>
    /// <exception cref="WeightFileException">It is damaged or another one.</exception>
    public string Require() => Find() ?? throw Missing(PackageFolders.OfApplication());

    /// <summary>The path of the file, or null where it is nowhere.</summary>
    /// <exception cref="WeightFileException">It is damaged or another one.</exception>
    public string? Find() => Find(PackageFolders.OfApplication(), PackageFolders.Caches());

    /// <summary>Seeks the file in folders of an application, then in package caches.</summary>
    public string? Find(IEnumerable<string> folders, IEnumerable<string> caches)
    {
        var inFolder = Path.Combine(parts);
        var path = folders.Select(folder => Path.Combine(folder, inFolder))
            .Concat(caches.Select(cache => Path.Combine(cache, package.ToLowerInvariant(), version, "tools", inFolder)))
            .FirstOrDefault(File.Exists);
        if (path is not null && !_checked.ContainsKey((path, File.GetLastWriteTimeUtc(path))))
        {
            Check(path);
            _checked[(path, File.GetLastWriteTimeUtc(path))] = true;
        }

        return path;
    }

    /// <summary>The error that says which package to add, and how.</summary>
    public FileNotFoundException Missing(IEnumerable<string> folders) => new(
        $"{title} is not there: '{string.Join('/', parts)}' was sought in {string.Join(" and ", folders.Select(folder => $"'{folder}'"))} and in NuGet's package cache. "
        + $"Add its package to the application's project: <PackageReference Include=\"{package}\" Version=\"{version}\" IncludeAssets=\"build\" />. "
        + $"In an application of one file, the line is '#:package {package}@{version}', in a notebook '#r \"nuget: {package}, {version}\"'.",
        parts[^1]);

    private void Check(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length != length)
        {
            throw Other(path, $"is {file.Length} bytes long; expected {length}");
        }

        var hash = Convert.ToHexString(SHA256.HashData(file));
        if (hash != sha256)
        {
            throw Other(path, $"has the SHA-256 {hash}; expected {sha256}");
        }
    }

    private WeightFileException Other(string path, string difference) => new(
        path,
        $"{difference}, as in {package} {version}. It is damaged or of another version: restore the package again and rebuild. To use this file nevertheless, give its path as a file of weights.");
}
