using Mlps.Torch.Runtime;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Where files of NuGet packages lie when an application runs.</summary>
internal static class PackageFolders
{
    /// <summary>The application's folder, and that of this library where it is another one: a plug-in's, say.</summary>
    public static IReadOnlyList<string> OfApplication() =>
        [.. new[] { AppContext.BaseDirectory, AssemblyFile.Folder(typeof(PackageFolders).Assembly) }.Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal)];

    /// <summary>Package caches: the one that this library was loaded from, as notebooks do, then the user's.</summary>
    public static IReadOnlyList<string> Caches() => Caches(
        AssemblyFile.Find(typeof(PackageFolders).Assembly),
        Environment.GetEnvironmentVariable("NUGET_PACKAGES"),
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <param name="assembly">The path of this library's assembly, or null: <c>cache/mlps.torch/version/lib/framework/Mlps.Torch.dll</c> in a cache.</param>
    /// <param name="named">The cache that the environment names, or null.</param>
    /// <param name="home">The user's folder, or empty.</param>
    public static IReadOnlyList<string> Caches(string? assembly, string? named, string home)
    {
        var caches = new List<string>();
        var lib = Path.GetDirectoryName(Path.GetDirectoryName(assembly));
        if (Path.GetFileName(lib) == "lib" && Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(lib))) is { Length: > 0 } cache)
        {
            caches.Add(cache);
        }

        if (!string.IsNullOrEmpty(named))
        {
            caches.Add(named);
        }
        else if (home.Length > 0)
        {
            caches.Add(Path.Combine(home, ".nuget", "packages"));
        }

        return caches;
    }
}
