using System.Globalization;
using Mlps.ML.Png;

namespace Mlps.ML;

/// <summary>How many pixels an image may have, by its header: a file of some kilobytes can unpack to more than the memory there is.</summary>
internal static class ImageLimit
{
    /// <summary>Bytes that reading an image and predicting it whole take for each pixel, at most: the pixels twice, numbers for the networks, the mask, the pictures.</summary>
    private const long BytesPerPixel = 128;

    /// <summary>Bytes for everything else: libtorch, the networks, a window's layers.</summary>
    private const long Reserve = 512L << 20;

    /// <summary>An image that is read whatever the memory: 1024 x 1024.</summary>
    private const long Least = 1L << 20;

    private static readonly long _memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Pixels that fit the memory of this process: the machine's, or what a container allows.</summary>
    public static long MaximumPixels { get; } = For(_memory);

    /// <summary>Pixels that fit a memory of so many bytes; never more than <see cref="PngHeader.MaximumPixels"/>.</summary>
    public static long For(long memory) => Math.Clamp((memory - Reserve) / BytesPerPixel, Least, PngHeader.MaximumPixels);

    /// <summary>Throws when an image has too many pixels.</summary>
    /// <param name="width">Its width, by its header.</param>
    /// <param name="height">Its height.</param>
    /// <param name="maximum">The most that the caller allows.</param>
    /// <param name="name">What messages call the image.</param>
    /// <exception cref="TissueDataException">It has more than the caller allows, or than fit the memory.</exception>
    public static void Check(int width, int height, long maximum, string name)
    {
        var pixels = (long)width * height;
        if (pixels <= Math.Min(maximum, MaximumPixels))
        {
            return;
        }

        var most = pixels > maximum ? string.Create(CultureInfo.InvariantCulture, $"at most {maximum} in all can be read")
            : string.Create(CultureInfo.InvariantCulture, $"with {_memory >> 20} MiB of memory, at most {MaximumPixels} in all can be read and predicted");
        throw new TissueDataException(name, string.Create(CultureInfo.InvariantCulture, $"The image says that it is {width} x {height} pixels; {most}."), "Cut it into smaller ones.");
    }
}
