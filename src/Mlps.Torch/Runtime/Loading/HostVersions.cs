namespace Mlps.Torch.Runtime;

/// <summary>The symbol versions of the C++ standard library that this process uses.</summary>
internal static class HostVersions
{
    /// <summary>Reads them from the file that the dynamic linker took.</summary>
    /// <param name="steps">Where to note what was read.</param>
    /// <exception cref="LibTorchLoadException">There is no libstdc++, or its file cannot be read.</exception>
    public static IReadOnlySet<string> Read(ICollection<string> steps)
    {
        // Loading it by name is what the linker will do for libLibTorchSharp.so, LD_LIBRARY_PATH and all.
        DynamicLinker.Load(WeakVersionPatch.StandardLibrary);
        var path = DynamicLinker.FindLoadedPath("libstdc++.so.6")
            ?? throw new LibTorchLoadException($"/proc/self/maps does not tell which {WeakVersionPatch.StandardLibrary} this process uses; mount /proc.");
        var versions = new ElfImage(File.ReadAllBytes(path), path).ReadVersionDefinitions();
        steps.Add($"The host's C++ library is {path}, up to {Newest(versions)}.");
        return versions;
    }

    private static string Newest(IReadOnlySet<string> versions) => versions
        .Where(version => version.StartsWith("GLIBCXX_", StringComparison.Ordinal))
        .OrderBy(version => Version.TryParse(version["GLIBCXX_".Length..], out var parsed) ? parsed : new Version())
        .LastOrDefault("no GLIBCXX version");
}
