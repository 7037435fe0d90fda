using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>Gaussian blur of images, each by its own radius.</summary>
internal static class GaussianBlur
{
    private const double Reach = 3;

    /// <summary>Images [N, 3, H, W], each blurred by its own standard deviation in pixels, edges mirrored; 0 leaves an image as it is.</summary>
    /// <remarks>On CPUs image by image, which is faster there; on others all in one convolution. The two differ by rounding.</remarks>
    public static Tensor ApplyEach(Tensor images, ReadOnlySpan<double> radii) => images.device_type is DeviceType.CPU ? OneByOne(images, radii) : Together(images, radii);

    /// <summary>An image [1, 3, H, W] blurred by a standard deviation of <paramref name="radius"/> pixels, edges mirrored.</summary>
    public static Tensor Apply(Tensor image, double radius)
    {
        var half = Half(image, radius);
        if (half == 0)
        {
            return image.alias();
        }

        using var scope = NewDisposeScope();
        var kernel = tensor(Kernel(half, radius), device: image.device);
        var channels = image.flatten(0, 1).unsqueeze(1);
        channels = nn.functional.pad(channels, [half, half, half, half], PaddingModes.Reflect);
        channels = nn.functional.conv2d(channels, kernel.view(1, 1, 1, -1));
        channels = nn.functional.conv2d(channels, kernel.view(1, 1, -1, 1));
        return channels.view(image.shape).MoveToOuterDisposeScope();
    }

    /// <summary>All images in one grouped convolution a direction: each channel is a group, and kernels are padded with zeros to the largest.</summary>
    internal static Tensor Together(Tensor images, ReadOnlySpan<double> radii)
    {
        using var scope = NewDisposeScope();
        var halves = new int[radii.Length];
        for (var n = 0; n < radii.Length; n++)
        {
            halves[n] = Half(images, radii[n]);
        }

        long[] blurred = [.. Enumerable.Range(0, halves.Length).Where(n => halves[n] > 0).Select(n => (long)n)];
        if (blurred.Length == 0)
        {
            return images.alias().MoveToOuterDisposeScope();
        }

        var (half, length) = (halves.Max(), (2 * halves.Max()) + 1);
        var kernels = new float[blurred.Length * length];
        foreach (var (row, n) in blurred.Index())
        {
            Kernel(halves[n], radii[(int)n]).CopyTo(kernels, (row * length) + half - halves[n]);
        }

        var rows = Upload.Of(blurred, [blurred.Length], images.device);
        var groups = blurred.Length * images.shape[1];
        var kernel = Upload.Of(kernels, [blurred.Length, length], images.device).repeat_interleave(images.shape[1], 0);
        var channels = images.index_select(0, rows).view(1, groups, images.shape[2], images.shape[3]);
        channels = nn.functional.pad(channels, [half, half, half, half], PaddingModes.Reflect);
        channels = nn.functional.conv2d(channels, kernel.view(groups, 1, 1, -1), groups: groups);
        channels = nn.functional.conv2d(channels, kernel.view(groups, 1, -1, 1), groups: groups);
        return images.index_copy(0, rows, channels.view(blurred.Length, images.shape[1], images.shape[2], images.shape[3])).MoveToOuterDisposeScope();
    }

    private static Tensor OneByOne(Tensor images, ReadOnlySpan<double> radii)
    {
        using var scope = NewDisposeScope();
        var blurred = images.split(1);
        for (var n = 0; n < blurred.Length; n++)
        {
            blurred[n] = Apply(blurred[n], radii[n]);
        }

        return cat(blurred).MoveToOuterDisposeScope();
    }

    /// <summary>How far a kernel reaches on either side.</summary>
    private static int Half(Tensor images, double radius) =>
        (int)Math.Min(Math.Ceiling(Reach * radius), Math.Min(images.shape[2], images.shape[3]) - 1);

    private static float[] Kernel(int half, double radius)
    {
        var weights = Enumerable.Range(-half, (2 * half) + 1).Select(offset => Math.Exp(-offset * offset / (2 * radius * radius))).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }
}
