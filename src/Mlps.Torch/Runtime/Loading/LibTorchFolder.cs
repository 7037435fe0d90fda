using System.Reflection;
using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>A folder with a libtorch: the one of a package, or the <c>lib</c> folder of an existing installation, CUDA or not.</summary>
/// <param name="Path">The folder's full path.</param>
internal sealed record LibTorchFolder(string Path)
{
    public const string CpuLibrary = "libtorch_cpu.so";
    public const string CudaLibrary = "libtorch_cuda.so";

    // CUDA's own libraries, made visible to all that follows, as PyTorch does it (MKL and cuDNN look symbols up by name).
    private const string GlobalDependencies = "libtorch_global_deps.so";

    // Each library after those it refers to. A CPU build lacks the CUDA ones.
    private static readonly string[] LoadOrder = ["libc10.so", CpuLibrary, "libc10_cuda.so", CudaLibrary, "libtorch.so"];

    private static readonly string[] LikelySubfolders = ["lib", "torch/lib"];

    /// <summary>Whether this is a libtorch with CUDA.</summary>
    public bool HasCuda => File.Exists(System.IO.Path.Combine(Path, CudaLibrary));

    /// <summary>The libtorch version that TorchSharp is built for, as in <c>2.10.0.0</c>; null if it does not say.</summary>
    // torch.__version__ says the same, but reading it starts TorchSharp's own loading.
    public static string? ExpectedVersion =>
        typeof(torch).GetField("libtorchPackageVersion", BindingFlags.Static | BindingFlags.NonPublic)?.GetRawConstantValue() as string;

    /// <summary>The folder that <c>MLPS_LIBTORCH</c> names, or null when it is not set.</summary>
    /// <exception cref="LibTorchLoadException">The folder is missing, holds no libtorch, or one of another version.</exception>
    public static LibTorchFolder? FromEnvironment() =>
        Environment.GetEnvironmentVariable(LibTorch.FolderVariable) is { Length: > 0 } path ? FromVariable(path) : null;

    /// <summary>The folder that a value of <c>MLPS_LIBTORCH</c> names.</summary>
    /// <param name="path">The value.</param>
    /// <exception cref="LibTorchLoadException">The folder is missing, holds no libtorch, or one of another version.</exception>
    public static LibTorchFolder FromVariable(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(full))
        {
            throw new LibTorchLoadException($"{LibTorch.FolderVariable} names the folder '{full}', which does not exist. {Advice}");
        }

        if (!File.Exists(System.IO.Path.Combine(full, CpuLibrary)))
        {
            var below = LikelySubfolders.Select(name => System.IO.Path.Combine(full, name))
                .FirstOrDefault(folder => File.Exists(System.IO.Path.Combine(folder, CpuLibrary)));
            var hint = below is null ? Advice : $"Did you mean '{below}'?";
            throw new LibTorchLoadException($"{LibTorch.FolderVariable} names the folder '{full}', which has no {CpuLibrary}. {hint}");
        }

        var libTorch = new LibTorchFolder(full);
        libTorch.CheckVersion(ExpectedVersion);
        return libTorch;
    }

    private static string Advice =>
        $"Set it to the folder that holds {CpuLibrary} (the folder 'lib' of a libtorch, or 'torch/lib' of a PyTorch installation), or unset it to use the application's own libtorch.";

    /// <summary>The files to load, in order.</summary>
    public IReadOnlyList<string> FilesToLoad => [.. LoadOrder.Select(name => System.IO.Path.Combine(Path, name)).Where(File.Exists)];

    /// <summary>Loads the folder's libraries, so that every library loaded later finds them by name.</summary>
    /// <param name="steps">Where to note what was done.</param>
    /// <exception cref="LibTorchLoadException">One of them cannot be loaded.</exception>
    public void Preload(ICollection<string> steps)
    {
        var globalDependencies = System.IO.Path.Combine(Path, GlobalDependencies);
        if (HasCuda && File.Exists(globalDependencies))
        {
            try
            {
                DynamicLinker.LoadGlobal(globalDependencies);
                steps.Add($"Loaded {globalDependencies}.");
            }
            catch (LibTorchLoadException exception)
            {
                // What libtorch really needs is loaded with it, and a lack of it reported there.
                steps.Add($"{GlobalDependencies} was not loaded: {exception.Message}");
            }
        }

        foreach (var file in FilesToLoad)
        {
            DynamicLinker.Load(file);
            steps.Add($"Loaded {file}.");
        }
    }

    /// <summary>Refuses a libtorch that says it has another major version than TorchSharp is built for.</summary>
    /// <remarks>
    /// Another minor version may or may not have every function that TorchSharp calls; they are all bound when its library is loaded, which tells for
    /// certain.
    /// </remarks>
    /// <param name="expected">The version that is needed, of which the major part counts; null for any.</param>
    /// <exception cref="LibTorchLoadException">The major versions differ.</exception>
    public void CheckVersion(string? expected)
    {
        if (expected is not null && LibTorchVersion.Read(Path, System.IO.Path.Combine(Path, CpuLibrary)) is { } actual && LibTorchVersion.Major(actual) != LibTorchVersion.Major(expected))
        {
            throw new LibTorchLoadException(
                $"'{Path}' holds libtorch {actual}, and TorchSharp needs libtorch {LibTorchVersion.MajorMinor(expected)}. "
                + $"Set {LibTorch.FolderVariable} to a libtorch {LibTorchVersion.MajorMinor(expected)}, or unset it to use the application's own.");
        }
    }
}
