namespace Mlps.Torch.Runtime;

/// <summary>TorchSharp's native library, <c>libLibTorchSharp.so</c>, loaded as it is or as a copy that the host can load.</summary>
internal sealed class TorchSharpLibrary
{
    public const string FileName = "libLibTorchSharp.so";

    private readonly string _path;
    private readonly byte[] _original;
    private readonly IReadOnlyList<VersionNeed> _missing;
    private readonly ICollection<string> _steps;

    /// <summary>Reads the library and compares what it needs with what the host has.</summary>
    /// <param name="path">The original.</param>
    /// <param name="hostVersions">The versions that the host's libstdc++ defines.</param>
    /// <param name="steps">Where to note what is done.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="BadImageFormatException">It is no well-formed ELF file.</exception>
    public TorchSharpLibrary(string path, IReadOnlySet<string> hostVersions, ICollection<string> steps)
    {
        _path = path;
        _original = File.ReadAllBytes(path);
        _missing = WeakVersionPatch.FindMissing(_original, path, hostVersions);
        _steps = steps;
    }

    /// <summary>Whether the host cannot load the original.</summary>
    public bool NeedsCopy => _missing.Count > 0;

    /// <summary>Loads it.</summary>
    /// <param name="cache">Where a copy is kept if one is needed; null for a host without such a place.</param>
    /// <returns>Its handle.</returns>
    /// <exception cref="LibTorchLoadException">It cannot be loaded.</exception>
    /// <exception cref="NotSupportedException">The library really uses a version that the host lacks.</exception>
    public nint Load(PatchedLibraryCache? cache)
    {
        if (!NeedsCopy)
        {
            return Load(_path);
        }

        _steps.Add($"The host lacks {string.Join(", ", _missing.Select(need => need.Version))}, which {_path} asks for: taking a copy in which that need is weak.");
        List<(string Place, Func<nint> Load)> places = [
            ($"the folder of temporary files, '{Path.GetTempPath()}'", LoadPrivateCopy),
            ("memory", () => Load(MemoryFile.Write(FileName, MakeCopy())))];
        if (cache is not null)
        {
            places.Insert(0, ($"the user's cache, '{cache.Root}'", () => Load(Prepare(cache))));
        }

        return LoadFromFirst(places);
    }

    /// <summary>Loads a copy from the first place that takes it.</summary>
    /// <param name="places">What each place is called, and how to load from it.</param>
    /// <exception cref="LibTorchLoadException">No place takes it: the message names them all, and what each said.</exception>
    internal nint LoadFromFirst(IEnumerable<(string Place, Func<nint> Load)> places)
    {
        List<string> refusals = [];
        foreach (var (place, load) in places)
        {
            try
            {
                return load();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnloadableException)
            {
                // Not writable, or on a file system that allows no code: the next place may do.
                refusals.Add($"{place}: {exception.Message}");
                _steps.Add($"Not in {refusals[^1]}");
            }
        }

        throw new LibTorchLoadException(
            $"This host needs a copy of {FileName} ({_original.Length >> 20} MiB), and there is no place for it. Tried: {string.Join("; ", refusals)} "
            + "Make one of these folders writable (and not mounted noexec), or name another one in the environment variable XDG_CACHE_HOME or TMPDIR.");
    }

    /// <summary>The file to load: the original if the host has all that it needs, else the cached copy, created if necessary.</summary>
    /// <param name="cache">Where the copy is kept.</param>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The copy may not be written.</exception>
    /// <exception cref="NotSupportedException">The library really uses a version that the host lacks.</exception>
    public string Prepare(PatchedLibraryCache cache) => NeedsCopy ? cache.GetOrAdd(FileName, _original, MakeCopy()) : _path;

    private byte[] MakeCopy() => WeakVersionPatch.Apply(_original, _path, _missing);

    private nint LoadPrivateCopy()
    {
        var copy = PatchedLibraryCache.WritePrivateCopy(FileName, MakeCopy());
        try
        {
            return Load(copy);
        }
        finally
        {
            PatchedLibraryCache.DeletePrivateCopy(copy);
        }
    }

    private nint Load(string path)
    {
        _steps.Add($"Loading {path}.");
        try
        {
            return DynamicLinker.LoadAndBind(path);
        }
        catch (LibTorchLoadException exception) when (NeedsCopy && exception.Message.Contains("failed to map segment", StringComparison.Ordinal))
        {
            throw new UnloadableException(exception.Message, exception);
        }
        catch (LibTorchLoadException exception) when (exception.Message.Contains("undefined symbol", StringComparison.Ordinal))
        {
            var loaded = DynamicLinker.FindLoadedPath(LibTorchFolder.CpuLibrary) is { } file ? $"'{file}', libtorch {LibTorchVersion.Find(file) ?? "of an unknown version"}," : "the one that was loaded";
            throw new LibTorchLoadException($"{exception.Message}. TorchSharp needs libtorch {LibTorchFolder.ExpectedVersion}; {loaded} is another.", exception);
        }
    }

    /// <summary>A place whose file system does not allow its files to be run.</summary>
    private sealed class UnloadableException(string message, Exception cause) : Exception(message, cause);
}
