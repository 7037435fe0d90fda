using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>Answers the runtime's questions for TorchSharp's native libraries, from the moment this assembly is used.</summary>
internal static class LibTorchHook
{
    private const string TorchSharpName = "LibTorchSharp";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "The hook has to be in place before the first use of TorchSharp, and users shall do nothing for it.")]
    internal static void Install()
    {
        if (!LibTorchLoader.IsSupported)
        {
            return;
        }

        WaitingThreads.SpinBriefly();
        FreedMemory.Keep();
        Assembly torchSharp = typeof(torch).Assembly;
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(torchSharp) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += ResolveAfterSearch;
        try
        {
            NativeLibrary.SetDllImportResolver(torchSharp, ResolveBeforeSearch);
        }
        catch (InvalidOperationException)
        {
            // The application has a resolver of its own for TorchSharp; the event alone suffices, only slower.
        }
    }

    // Raised once the runtime's own search has failed. TorchSharp asks for torch_cpu or torch_cuda before, and goes on without an answer.
    private static nint ResolveAfterSearch(Assembly assembly, string name) => name == TorchSharpName ? LibTorchLoader.Load() : 0;

    // Asked once for each imported function. Without an answer the runtime would try, and fail, to load the original for each of them.
    // Where the processor hides its caches, libtorch is made to convolve rightly before anything is computed.
    private static nint ResolveBeforeSearch(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == TorchSharpName && (LibTorchLoader.IsLoaded || LibTorchLoader.IsFolderNamed || ProcessorCaches.AreHidden) ? LibTorchLoader.Load() : 0;
}
