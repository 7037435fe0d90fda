namespace Mlps.Torch.Runtime;

/// <summary>TorchSharp's native library, <c>libLibTorchSharp.so</c>, loaded as it is or as a copy that the host can load.</summary>
internal sealed class TorchSharpLibrary
{
    public const string FileName = "libLibTorchSharp.so";

    private readonly string _path;
    private readonly byte[] _original;
    private readonly IReadOnlyList<VersionNeed> _missing;
    private readonly ICollection<string> _steps;

    /// <summary>Reads the library and compares what it asks for with what the host has.</summary>
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
        try
        {
            if (cache is not null)
            {
                return Load(Prepare(cache));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or LibTorchLoadException)
        {
            // Not writable, or on a file system that allows no code: a private copy may still work.
            _steps.Add($"The user's cache cannot be used: {exception.Message}");
        }

        string copy = PatchedLibraryCache.WritePrivateCopy(FileName, MakeCopy());
        try
        {
            return Load(copy);
        }
        finally
        {
            PatchedLibraryCache.DeletePrivateCopy(copy);
        }
    }

    /// <summary>The file to load: the original where the host has all that it asks for, else the cached copy, made first if need be.</summary>
    /// <param name="cache">Where the copy is kept.</param>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The copy may not be written.</exception>
    /// <exception cref="NotSupportedException">The library really uses a version that the host lacks.</exception>
    public string Prepare(PatchedLibraryCache cache) => NeedsCopy ? cache.GetOrAdd(FileName, _original, MakeCopy()) : _path;

    private byte[] MakeCopy() => WeakVersionPatch.Apply(_original, _path, _missing);

    private nint Load(string path)
    {
        _steps.Add($"Loading {path}.");
        try
        {
            return DynamicLinker.LoadAndBind(path);
        }
        catch (LibTorchLoadException exception) when (exception.Message.Contains("undefined symbol", StringComparison.Ordinal))
        {
            throw new LibTorchLoadException($"{exception.Message}. TorchSharp needs libtorch {LibTorchFolder.ExpectedVersion}; the one that was loaded is another.", exception);
        }
    }
}
