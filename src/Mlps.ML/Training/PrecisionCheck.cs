using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Tells the user where a stage computes in bfloat16 on a processor that has no instructions for it.</summary>
internal static class PrecisionCheck
{
    /// <summary>Warns once, whichever of the precisions is bfloat16.</summary>
    /// <param name="environment">Its log.</param>
    /// <param name="device">Where the stage computes.</param>
    /// <param name="precisions">What it computes with: in training, in prediction.</param>
    public static void Report(IHostEnvironment environment, Device device, params ReadOnlySpan<Precision> precisions) =>
        Report(environment, device, BFloat16Instructions.AreThere, precisions);

    internal static void Report(IHostEnvironment environment, Device device, bool processorHasInstructions, params ReadOnlySpan<Precision> precisions)
    {
        if (device.type is DeviceType.CPU && !processorHasInstructions && precisions.Contains(Precision.BFloat16))
        {
            environment.Warning(
                "Precision",
                "This processor has no instructions for bfloat16 (AVX512-BF16 or AMX), and computing in it takes many times as long as in 32 bits. Set Precision to Full, or use a processor or GPU that has them.");
        }
    }
}
