using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>Says what did not fit where the memory of a device runs out.</summary>
internal static class DeviceMemory
{
    /// <summary>What the allocators of GPUs and CPUs say.</summary>
    private static readonly string[] _signs = ["out of memory", "can't allocate memory", "not enough memory"];

    /// <summary>Whether an exception is that of libtorch's allocator.</summary>
    public static bool IsExhausted(Exception exception) =>
        exception is ExternalException && _signs.Any(sign => exception.Message.Contains(sign, StringComparison.OrdinalIgnoreCase));

    /// <summary>The result of predicting images, which may need more memory than the device has.</summary>
    /// <param name="device">Where it is computed.</param>
    /// <param name="images">[N, 3, H, W].</param>
    /// <param name="work">The computation.</param>
    /// <exception cref="InsufficientMemoryException">The memory does not suffice; the message names the number and size of the images and what to lower.</exception>
    public static T Within<T>(Device device, Tensor images, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException exception) when (IsExhausted(exception))
        {
            var (count, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
            var advice = count > 1 ? $"Predict fewer images at a time (ScoringBatchSize), such as {count / 2}" : "Predict smaller images or in windows (Prediction), or narrower networks";
            throw new InsufficientMemoryException($"{device} ran out of memory while predicting {count} images of {width}x{height} pixels. {advice}, or free the memory that other programs hold.", exception);
        }
    }
}
