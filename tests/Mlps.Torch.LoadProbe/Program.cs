using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlps.Torch.Runtime;
using TorchSharp;

namespace Mlps.Torch.LoadProbe;

/// <summary>Loads libtorch in a process of its own, computes, and reports; the tests read what it prints.</summary>
public static partial class Program
{
    /// <summary>Runs the probe.</summary>
    /// <param name="args">
    /// <c>first</c>: call EnsureLoaded before TorchSharp; <c>hook</c>: only touch a type of Mlps.Torch before TorchSharp; <c>host</c>: use TorchSharp, whatever comes of it, before Mlps.Torch is touched; <c>diagnose</c>: do nothing else.
    /// Names of switches after it are set to false before anything else.
    /// </param>
    /// <returns>0, or 1 with the error's message on the error stream.</returns>
    public static int Main(string[] args)
    {
        foreach (var name in args[1..])
        {
            AppContext.SetSwitch(name, false);
        }

        if (args[0] == "host")
        {
            UseTorchSharp();
        }

        return Run(args);
    }

    // A method that names types of Mlps.Torch starts that assembly when it is compiled, and one that names TorchSharp's loads it, so that each is a method of its own.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(string[] args)
    {
        try
        {
            if (args[0] is "first" or "host")
            {
                LibTorch.EnsureLoaded();
            }
            else
            {
                LibTorch.Diagnose();
            }

            if (args[0] != "diagnose")
            {
                Console.WriteLine($"sum {Sum()}");
                Console.WriteLine($"cuda {HasCuda()}");
            }

            Console.WriteLine(LibTorch.Diagnose());
            Console.WriteLine($"native GOMP_SPINCOUNT: {SpinCount()}");
            return 0;
        }
        catch (Exception exception) when (exception is LibTorchLoadException or TypeInitializationException)
        {
            Console.Error.WriteLine((exception as LibTorchLoadException ?? exception.GetBaseException()).Message);
            Console.Error.WriteLine(LibTorch.Diagnose());
            return 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool HasCuda() => torch.cuda.is_available();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseTorchSharp()
    {
        try
        {
            Sum();
        }
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            Console.WriteLine($"host: {exception.GetType().Name} of {(exception as TypeInitializationException)?.TypeName}");

            // The host has its own trouble; what Mlps.Torch makes of it is to be seen.
        }
    }

    // What native code sees: .NET's variables are its own.
    private static string SpinCount() => OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(NativeVariable("GOMP_SPINCOUNT")) ?? "not set" : "not set";

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint NativeVariable(string name);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Sum()
    {
        using var sum = torch.ones(3).sum();
        return sum.item<float>();
    }
}
