using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Devices;

/// <summary>The device of the parity tests and of those in this folder: the CPU, or that of <c>MLPS_TEST_DEVICE</c>, such as <c>cuda:0</c>.</summary>
internal static class TestDevice
{
    /// <summary>GPUs sum in other orders than the processors that the figures were recorded on.</summary>
    private const double GpuFactor = 100;

    /// <summary>The device.</summary>
    public static Device Value { get; } = torch.device(Environment.GetEnvironmentVariable(DeviceFactAttribute.Variable) ?? "cpu");

    private static bool IsGpu => Value.type is not DeviceType.CPU;

    /// <summary>What a tolerance of the CPU's is on the device.</summary>
    public static double Tolerance(double onCpu) => IsGpu ? GpuFactor * onCpu : onCpu;

    /// <summary>Has GPUs multiply all bits, as recorded figures did; TensorFloat32 has tests of its own.</summary>
    public static void MultiplyAllBits()
    {
        if (IsGpu)
        {
            backends.cudnn.allow_tf32 = false;
            backends.cuda.matmul.allow_tf32 = false;
        }
    }
}
