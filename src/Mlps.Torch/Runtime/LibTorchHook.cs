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
        if (LibTorchLoader.IsSupported)
        {
            AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
            context.ResolvingUnmanagedDll += Resolve;
        }
    }

    // Raised once the runtime's own search has failed; TorchSharp looks for torch_cuda or torch_cpu first, then for LibTorchSharp.
    private static nint Resolve(Assembly assembly, string name) => name == TorchSharpName ? LibTorchLoader.Load() : 0;
}
