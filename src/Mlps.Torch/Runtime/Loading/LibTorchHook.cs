using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch before TorchSharp does, and resolves TorchSharp's native library for the runtime.</summary>
/// <remarks>
/// TorchSharp loads <c>torch_cpu</c> by its bare name, and the linker's path may then give a libtorch of another version.
/// So the right libtorch is loaded when TorchSharp's assembly is loaded, before any of its code runs. Without TorchSharp nothing is loaded or set.
/// </remarks>
internal static class LibTorchHook
{
    private const string TorchSharpAssembly = "TorchSharp";
    private const string TorchSharpNative = "LibTorchSharp";

    private static int _isInstalled;
    private static bool _answersFirst;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "It has to be in place before the first use of TorchSharp, and users shall do nothing for it.")]
    internal static void Install()
    {
        if (Interlocked.Exchange(ref _isInstalled, 1) == 0)
        {
            AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => AttachTo(loaded.LoadedAssembly);
            foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                AttachTo(assembly);
            }
        }
    }

    /// <summary>TorchSharp's assembly if it is loaded; using its types would load it, and libtorch with it.</summary>
    public static Assembly? LoadedTorchSharp => AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(IsTorchSharp);

    private static bool IsTorchSharp(Assembly assembly) => assembly.GetName().Name == TorchSharpAssembly && IsVisible(AssemblyLoadContext.GetLoadContext(assembly));

    // Another plug-in may have a TorchSharp of its own.
    private static bool IsVisible(AssemblyLoadContext? context) =>
        context == AssemblyLoadContext.Default || context == AssemblyLoadContext.GetLoadContext(typeof(LibTorchHook).Assembly);

    private static void AttachTo(Assembly assembly)
    {
        if (!IsTorchSharp(assembly))
        {
            return;
        }

        if (!ProcessSettings.IsOn(ProcessSettings.LoadLibTorch))
        {
            ProcessSettings.NoteOff(ProcessSettings.LoadLibTorch);
            return;
        }

        try
        {
            NativeLibrary.SetDllImportResolver(assembly, ResolveBeforeSearch);
            _answersFirst = true;
        }
        catch (InvalidOperationException)
        {
            // The application has a resolver of its own for TorchSharp; the event alone suffices.
        }

        (AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default).ResolvingUnmanagedDll += ResolveAfterSearch;
        LibTorchLoader.TryLoad();
    }

    // Asked once for each imported function. A failure reaches the caller from here as it is.
    private static nint ResolveBeforeSearch(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name != TorchSharpNative ? 0 : LibTorchLoader.Load();

    // Raised once the runtime's own search has failed. Where there is nothing to give, TorchSharp would copy libtorch from the package cache to a folder beside itself, half a gigabyte each time, and blame a package.
    // With a handle it goes on to its first function, which the resolver above serves.
    private static nint ResolveAfterSearch(Assembly assembly, string name)
    {
        if (name != TorchSharpNative || !IsTorchSharp(assembly))
        {
            return 0;
        }

        try
        {
            return LibTorchLoader.Load();
        }
        catch (LibTorchLoadException) when (_answersFirst)
        {
            return NativeLibrary.GetMainProgramHandle();
        }
    }
}
