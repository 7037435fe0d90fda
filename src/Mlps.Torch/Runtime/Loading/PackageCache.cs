namespace Mlps.Torch.Runtime;

/// <summary>Native folders in NuGet's package cache, from which notebook engines load assemblies (<c>#r "nuget: …"</c>).</summary>
internal static class PackageCache
{
    private const string LibTorchPackage = "libtorch-cpu-linux-x64";

    /// <summary>The native folders of TorchSharp's package and of its libtorch, if the assembly lies in a cache: <c>cache/torchsharp/version/lib/framework</c>.</summary>
    /// <param name="assembly">The path of TorchSharp's assembly; null where it is none.</param>
    /// <param name="libTorchVersion">The libtorch version that it is built for, as in <c>2.10.0.0</c>; null for the newest.</param>
    public static IReadOnlyList<string> NativeFolders(string? assembly, string? libTorchVersion)
    {
        var lib = Path.GetDirectoryName(Path.GetDirectoryName(assembly));
        var version = Path.GetDirectoryName(lib);
        var package = Path.GetDirectoryName(version);
        if (Path.GetFileName(lib) != "lib" || Path.GetDirectoryName(package) is not { Length: > 0 } cache)
        {
            return [];
        }

        var libTorch = Path.Combine(cache, LibTorchPackage);
        var versions = Directory.Exists(libTorch) ? Directory.GetDirectories(libTorch).Select(Path.GetFileName).OfType<string>() : [];
        return [
            Native(version!),
            .. versions.Where(name => libTorchVersion is null || IsSame(name, libTorchVersion)).OrderByDescending(Numbers).Select(name => Native(Path.Combine(libTorch, name)))];
    }

    private static string Native(string package) => Path.Combine(package, Runtime.NativeFolders.PackageFolder);

    /// <summary>Folders leave out a fourth part that is 0.</summary>
    private static bool IsSame(string name, string version) => Numbers(name) == Numbers(version);

    private static Version? Numbers(string version) =>
        Version.TryParse(version, out var parsed) ? new Version(parsed.Major, parsed.Minor, Math.Max(parsed.Build, 0), Math.Max(parsed.Revision, 0)) : null;
}
