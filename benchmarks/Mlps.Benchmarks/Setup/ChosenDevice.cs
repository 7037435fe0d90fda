using System.Globalization;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Setup;

/// <summary>Where networks are measured: on the CPU, or on the GPU that <c>--device cuda:0</c> names.</summary>
internal static class ChosenDevice
{
    private const string Option = "--device";
    private const string GpuPrefix = "cuda:";

    private static int? _gpu;

    public static bool IsGpu => _gpu is not null;

    public static Device Device => _gpu is { } index ? new Device(DeviceType.CUDA, index) : CPU;

    /// <summary>Takes the option out of a command line, and the device from it.</summary>
    /// <exception cref="UsageException">It names no device that is there.</exception>
    public static string[] TakeFrom(string[] arguments)
    {
        var place = Array.IndexOf(arguments, Option);
        if (place < 0)
        {
            return arguments;
        }

        var name = arguments.ElementAtOrDefault(place + 1);
        if (name != "cpu")
        {
            if (name?.StartsWith(GpuPrefix, StringComparison.Ordinal) != true || !int.TryParse(name.AsSpan(GpuPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                throw new UsageException($"{Option} is '{name}'; give cpu, or a GPU as in {GpuPrefix}0.");
            }

            var found = cuda_is_available() ? cuda.device_count() : 0;
            _gpu = index < found ? index : throw new UsageException($"{Option} is {name}, and libtorch finds {found} GPUs; MLPS_LIBTORCH names the folder of a libtorch with CUDA.");
        }

        return [.. arguments[..place], .. arguments[(place + 2)..]];
    }

    /// <summary>A context whose models run there.</summary>
    public static MLContext CreateContext() => new(seed: 1) { GpuDeviceId = _gpu, FallbackToCpu = _gpu is null };

    /// <summary>How many images make a batch: as many as keep the device busy.</summary>
    public static int Batch(int onCpu, int onGpu) => IsGpu ? onGpu : onCpu;
}
