using System.Collections.Concurrent;
using Mlps.Torch.Runtime;
using TorchSharp;

namespace Mlps.ML.Stages;

/// <summary>How large batches are, by the device that computes them; results do not depend on it.</summary>
internal static class BatchLimits
{
    /// <summary>What a CPU computes fastest.</summary>
    public const int RowsOnCpu = 8;

    /// <summary>Pixels of the images of a batch on a CPU, so that large images do not multiply a network's memory by the batch size.</summary>
    public const long PixelsOnCpu = 1 << 20;

    /// <summary>As many as keep a GPU busy.</summary>
    private const int RowsOnGpu = 64;

    /// <summary>Bytes of a GPU for each pixel of a batch: activation maps of the published networks take less than half of it, and two stages may compute at once.</summary>
    private const long GpuBytesPerPixel = 1 << 14;

    private static readonly ConcurrentDictionary<int, long> _pixelsOnGpus = new();

    /// <summary>Rows that are computed together, at most.</summary>
    /// <param name="device">Where the network runs.</param>
    /// <param name="scoringBatchSize">The option.</param>
    public static int Rows(torch.Device device, int? scoringBatchSize) => scoringBatchSize ?? (device.type is DeviceType.CPU ? RowsOnCpu : RowsOnGpu);

    /// <summary>Pixels of all images of a batch, at most; a single image may have more.</summary>
    /// <param name="device">Where the network runs.</param>
    public static long Pixels(torch.Device device) =>
        device.type is DeviceType.CUDA ? _pixelsOnGpus.GetOrAdd(device.index, static gpu => PixelsOfGpu(GpuMemory.TotalBytes(gpu))) : PixelsOnCpu;

    /// <summary>Pixels of a batch on a GPU of so much memory; as on a CPU where that is not known.</summary>
    internal static long PixelsOfGpu(long? bytes) => Math.Max(PixelsOnCpu, bytes / GpuBytesPerPixel ?? 0);
}
