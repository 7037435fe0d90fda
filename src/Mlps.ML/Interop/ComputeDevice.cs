using Microsoft.ML.Runtime;

namespace Mlps.ML.Interop;

/// <summary>Where networks run, as set in an <see cref="Microsoft.ML.MLContext"/>.</summary>
/// <param name="GpuDeviceId">Index of the GPU, or null for the CPU.</param>
/// <param name="FallbackToCpu">Whether the CPU may be used when that GPU cannot.</param>
internal readonly record struct ComputeDevice(int? GpuDeviceId, bool FallbackToCpu)
{
    /// <summary>Reads the current setting; a host registered earlier keeps the older values, so pass the context itself.</summary>
    public static ComputeDevice Read(IHostEnvironment environment) =>
        environment is IHostEnvironmentInternal settings ? new(settings.GpuDeviceId, settings.FallbackToCpu) : new(null, true);

    /// <summary>The seed given to the context, or null.</summary>
    public static int? ReadSeed(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.Seed;
}
