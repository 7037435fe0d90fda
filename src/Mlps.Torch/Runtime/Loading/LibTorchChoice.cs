namespace Mlps.Torch.Runtime;

/// <summary>Chooses libtorch: the one in <c>MLPS_LIBTORCH</c>, else the application's, else one of the right version on the linker's path.</summary>
internal static class LibTorchChoice
{
    // The libraries of libtorch that every other one of it needs.
    private static readonly string[] _core = [LibTorchFolder.CpuLibrary, "libc10.so"];

    /// <summary>Refuses a choice beside which another libtorch is, or would be, loaded: two in a process register every operator twice, which ends the process.</summary>
    /// <param name="named">The folder that the environment names, if it does.</param>
    /// <param name="own">The application's own <c>libtorch_cpu.so</c>, if it carries one.</param>
    /// <param name="folders">The application's native folders.</param>
    /// <exception cref="LibTorchLoadException">The application or the process has another libtorch.</exception>
    public static void Check(LibTorchFolder? named, string? own, IReadOnlyList<string> folders)
    {
        if (named is not null)
        {
            CheckApplicationCarriesNoOther(named, folders);
        }

        if (Foreign(named is null ? own : Path.Combine(named.Path, LibTorchFolder.CpuLibrary)) is not { } foreign)
        {
            return;
        }

        var version = LibTorchVersion.Find(foreign) is { } known ? $"libtorch {known}" : "a libtorch of a version that it does not tell";
        var wanted = named is null ? (own is null ? "this application carries none of its own" : $"this application's is '{own}'") : $"{LibTorch.FolderVariable} names '{named.Path}'";
        throw new LibTorchLoadException(
            $"This process has already loaded '{foreign}', {version}; {wanted}, and TorchSharp needs libtorch {LibTorchFolder.ExpectedVersion}. "
            + $"Call {nameof(LibTorch)}.{nameof(LibTorch.EnsureLoaded)}() before the first use of TorchSharp and of anything else that loads libtorch, or take that folder off the dynamic linker's path (LD_LIBRARY_PATH, /etc/ld.so.conf.d).");
    }

    /// <summary>The libtorch that the dynamic linker would take, if its version is the right one or unknown.</summary>
    /// <param name="folders">The folders that were searched before, for the message.</param>
    /// <param name="steps">Gets a line for what was found.</param>
    /// <exception cref="LibTorchLoadException">The linker finds none, or one of another version, which is not loaded.</exception>
    public static LibTorchFolder FromSystem(IReadOnlyList<string> folders, ICollection<string> steps)
    {
        if (SystemLibraries.Find(LibTorchFolder.CpuLibrary) is not { } found)
        {
            steps.Add("The dynamic linker does not find libtorch either.");
            throw NotFound(LibTorchFolder.CpuLibrary, "TorchSharp-cpu", folders);
        }

        var version = LibTorchVersion.Find(found);
        steps.Add($"The dynamic linker would take {found}, libtorch {version ?? "of an unknown version"}.");
        if (version is not null && LibTorchFolder.ExpectedVersion is { } expected && LibTorchVersion.Major(version) != LibTorchVersion.Major(expected))
        {
            throw new LibTorchLoadException(
                $"This application carries no libtorch, and the one on the dynamic linker's path, '{found}', is libtorch {version}; TorchSharp needs libtorch {LibTorchVersion.MajorMinor(expected)}. It was not loaded. "
                + Advice("TorchSharp-cpu"));
        }

        return new LibTorchFolder(Path.GetDirectoryName(found)!);
    }

    /// <summary>A library that is nowhere.</summary>
    public static LibTorchLoadException NotFound(string fileName, string package, IReadOnlyList<string> folders) => new(
        $"{fileName} is in none of the application's native folders ({string.Join(", ", folders)}). {Advice(package)}");

    private static string Advice(string package) =>
        $"Reference the NuGet package {package} in the application, or set {LibTorch.FolderVariable} to a folder with an existing libtorch.";

    // TorchSharp loads these by path before it asks anyone.
    private static void CheckApplicationCarriesNoOther(LibTorchFolder named, IReadOnlyList<string> folders)
    {
        foreach (var library in (string[])[LibTorchFolder.CpuLibrary, LibTorchFolder.CudaLibrary])
        {
            if (NativeFolders.Find(folders, library) is { } own && !NativeFolders.IsSameFile(own, Path.Combine(named.Path, library)))
            {
                throw new LibTorchLoadException(
                    $"{LibTorch.FolderVariable} names '{named.Path}', but the application carries a libtorch of its own, '{own}', and TorchSharp takes that first. "
                    + $"Build the application without one (-p:TorchBackend=none, in a new output folder), or unset {LibTorch.FolderVariable}.");
            }
        }
    }

    /// <summary>A core library of another libtorch in this process, or null.</summary>
    private static string? Foreign(string? wanted)
    {
        var folder = wanted is null ? null : Path.GetDirectoryName(wanted);
        foreach (var library in _core)
        {
            foreach (var loaded in DynamicLinker.FindLoadedPaths(library))
            {
                // A library without which TorchSharp's own could not have been loaded is the one that serves.
                var isWanted = folder is null
                    ? DynamicLinker.FindLoaded(TorchSharpLibrary.FileName) != 0 || LibTorchVersion.Find(loaded) is not { } version || IsExpected(version)
                    : NativeFolders.IsSameFile(loaded, Path.Combine(folder, library));
                if (!isWanted)
                {
                    return loaded;
                }
            }
        }

        return null;
    }

    private static bool IsExpected(string version) =>
        LibTorchFolder.ExpectedVersion is not { } expected || LibTorchVersion.Major(version) == LibTorchVersion.Major(expected);
}
