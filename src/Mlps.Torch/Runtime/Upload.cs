using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>Takes what a step needs from the host to a device.</summary>
/// <remarks>From ordinary memory, a copy to a GPU makes the host wait for all that it has queued there; from pinned memory, both go on.</remarks>
internal static class Upload
{
    /// <summary>A tensor of the host on a device; the tensor itself where that is the host.</summary>
    public static Tensor To(Tensor host, Device device)
    {
        if (device.type is not DeviceType.CUDA || host.numel() == 0)
        {
            return host.to(device);
        }

        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Numbers, in the shape given, on a device.</summary>
    public static Tensor Of(float[] values, long[] shape, Device device) => Made(tensor(values, shape, device: CPU), device);

    /// <summary>Indices, in the shape given, on a device.</summary>
    public static Tensor Of(long[] values, long[] shape, Device device) => Made(tensor(values, shape, device: CPU), device);

    /// <summary>Truths, in the shape given, on a device.</summary>
    public static Tensor Of(bool[] values, long[] shape, Device device) => Made(tensor(values, shape, device: CPU), device);

    private static Tensor Made(Tensor host, Device device)
    {
        if (device.type is DeviceType.CPU)
        {
            return host;
        }

        using (host)
        {
            return To(host, device);
        }
    }
}
