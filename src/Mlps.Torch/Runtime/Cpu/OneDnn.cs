using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>oneDNN, the library inside libtorch that convolves on CPUs.</summary>
/// <remarks>
/// On AMD processors whose caches a virtual machine hides, it takes each cache for one byte. Its reorders then lose channels, without a word, and write beyond their memory: the wrong results of
/// https://github.com/uxlfoundation/oneDNN/issues/5313, there for another family of processors.
/// </remarks>
internal static unsafe class OneDnn
{
    private const int Side = 6;
    private const int Channels = 16;
    private const int Kernel = 5;
    private const sbyte Float32 = 6;

    /// <summary>Whether libtorch convolves by oneDNN where it can.</summary>
    public static bool IsEnabled
    {
        get => ((delegate* unmanaged<nint, byte>)Function("_ZNK2at7Context17userEnabledMkldnnEv"))(Context) != 0;
        set => ((delegate* unmanaged<nint, byte, void>)Function("_ZN2at7Context20setUserEnabledMkldnnEb"))(Context, value ? (byte)1 : (byte)0);
    }

    private static nint Context => ((delegate* unmanaged<nint>)Function("_ZN2at13globalContextEv"))();

    /// <summary>Makes convolutions right where the processor's caches are hidden; does nothing elsewhere.</summary>
    /// <param name="torchSharp">TorchSharp's native library, loaded.</param>
    /// <param name="steps">Gets a line for what was done.</param>
    public static void Prepare(nint torchSharp, ICollection<string> steps)
    {
        if (!ProcessorCaches.AreHidden)
        {
            ProcessSettings.Note(ProcessSettings.CorrectCaches, "not needed: the processor tells its caches");
            return;
        }

        if (!ProcessSettings.IsOn(ProcessSettings.CorrectCaches))
        {
            ProcessSettings.NoteOff(ProcessSettings.CorrectCaches);
            steps.Add($"The processor hides its caches, with which oneDNN convolves wrongly, and the switch {ProcessSettings.CorrectCaches} leaves that alone.");
            return;
        }

        // NNPACK does not start without them either, and says so at every convolution.
        ((delegate* unmanaged<nint, byte, void>)Function("_ZN2at7Context20setUserEnabledNNPACKEb"))(Context, 0);
        var caches = ProcessorCaches.Read();
        ConvolveOnce(torchSharp);
        if (DynamicLinker.FindLoadedPath(LibTorchFolder.CpuLibrary) is { } path && OneDnnCacheRecord.Correct(path, caches))
        {
            ProcessSettings.Note(ProcessSettings.CorrectCaches, $"on: {caches.Level1 / 1024} KiB and {caches.Level2 / 1024} KiB");
            steps.Add($"The processor hides its caches, which oneDNN took for one byte each: told it {caches.Level1 / 1024} KiB and {caches.Level2 / 1024} KiB.");
        }
        else
        {
            IsEnabled = false;
            ProcessSettings.Note(ProcessSettings.CorrectCaches, "on: oneDNN is off, as its record of the caches was not found");
            steps.Add("The processor hides its caches, with which oneDNN convolves wrongly, and its record of them was not found: convolutions go without oneDNN, at about half the speed.");
        }
    }

    /// <summary>Runs one convolution, after which oneDNN has detected the processor; its shape occurs nowhere else.</summary>
    private static void ConvolveOnce(nint torchSharp)
    {
        var ones = (delegate* unmanaged<long*, int, sbyte, int, int, byte, nint>)NativeLibrary.GetExport(torchSharp, "THSTensor_ones");
        var convolve = (delegate* unmanaged<nint, nint, nint, long*, int, long*, int, long*, int, long, nint>)NativeLibrary.GetExport(torchSharp, "THSTensor_conv2d");
        var dispose = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(torchSharp, "THSTensor_dispose");
        var image = stackalloc long[] { 1, Channels, Side, Side };
        var weight = stackalloc long[] { Channels, Channels, Kernel, Kernel };
        var stride = stackalloc long[] { 1, 1 };
        var padding = stackalloc long[] { 0, 0 };
        var images = ones(image, 4, Float32, 0, -1, 0);
        var weights = ones(weight, 4, Float32, 0, -1, 0);
        var features = convolve(images, weights, 0, stride, 2, padding, 2, stride, 2, 1);
        dispose(features);
        dispose(weights);
        dispose(images);
    }

    private static nint Function(string name) => NativeLibrary.GetExport(DynamicLinker.FindLoaded(LibTorchFolder.CpuLibrary), name);
}
