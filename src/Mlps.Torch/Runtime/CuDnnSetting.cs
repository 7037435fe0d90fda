using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>libtorch's <c>torch.backends.cudnn.benchmark</c>, which TorchSharp does not offer: whether cuDNN tries its algorithms for each new shape.</summary>
/// <remarks>Read and written through libtorch's own functions where they are found, which is on Linux; elsewhere it stays as it is.</remarks>
internal static unsafe class CuDnnSetting
{
    private const string ContextName = "_ZN2at13globalContextEv";
    private const string GetName = "_ZNK2at7Context14benchmarkCuDNNEv";
    private const string SetName = "_ZN2at7Context17setBenchmarkCuDNNEb";

    private static readonly Lazy<(nint Context, nint Get, nint Set)?> _functions = new(Find);

    /// <summary>Whether it can be set.</summary>
    public static bool IsKnown => _functions.Value is not null;

    /// <summary>The setting of the process; false and without effect where it is not known.</summary>
    public static bool Searches
    {
        get => _functions.Value is var (context, get, _) && ((delegate* unmanaged<nint, byte>)get)(context) != 0;
        set
        {
            if (_functions.Value is var (context, _, set))
            {
                ((delegate* unmanaged<nint, byte, void>)set)(context, value ? (byte)1 : (byte)0);
            }
        }
    }

    private static (nint Context, nint Get, nint Set)? Find()
    {
        LibTorch.EnsureLoaded();
        return OperatingSystem.IsLinux() && DynamicLinker.FindLoaded(LibTorchFolder.CpuLibrary) is not 0 and var library
            && NativeLibrary.TryGetExport(library, ContextName, out var context)
            && NativeLibrary.TryGetExport(library, GetName, out var get)
            && NativeLibrary.TryGetExport(library, SetName, out var set)
            ? (((delegate* unmanaged<nint>)context)(), get, set)
            : null;
    }
}
