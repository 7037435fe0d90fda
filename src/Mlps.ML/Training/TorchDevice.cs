using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Chooses where networks run, as <see cref="Microsoft.ML.MLContext.GpuDeviceId"/> and <see cref="Microsoft.ML.MLContext.FallbackToCpu"/> say.</summary>
internal static class TorchDevice
{
    /// <summary>The GPU that was requested, or the CPU.</summary>
    /// <exception cref="LibTorchLoadException">There is no libtorch that can be loaded.</exception>
    /// <exception cref="InvalidOperationException">The requested GPU does not exist, and the CPU is not allowed instead.</exception>
    public static Device Choose(IHostEnvironment environment)
    {
        LibTorch.EnsureLoaded();
        var wish = ComputeDevice.Read(environment);
        if (wish.GpuDeviceId is not { } id)
        {
            return CPU;
        }

        if (Find(environment) is { type: DeviceType.CUDA } gpu)
        {
            return gpu;
        }

        var found = FoundGpus;
        var missing = $"GPU {id} was requested (MLContext.GpuDeviceId), and {(found == 0 ? "no CUDA GPU can be used" : $"there are only {found}")}.";
        if (!wish.FallbackToCpu)
        {
            throw new InvalidOperationException($"{missing} Set FallbackToCpu, or run with a CUDA build of libtorch (TorchBackend=cuda, or MLPS_LIBTORCH).");
        }

        environment.Warning("Device", $"{missing} Running on the CPU instead.");
        return CPU;
    }

    /// <summary>The GPU that was requested where it exists, else the CPU, without a word: for work that needs none.</summary>
    public static Device Find(IHostEnvironment environment)
    {
        LibTorch.EnsureLoaded();
        return ComputeDevice.Read(environment).GpuDeviceId is { } id && id >= 0 && id < FoundGpus ? device(DeviceType.CUDA, id) : CPU;
    }

    private static int FoundGpus => cuda_is_available() ? cuda.device_count() : 0;
}
