using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

/// <content>Background of tensors.</content>
internal static partial class BackgroundMask
{
    /// <summary>The smallest region that is found by whole images at once; beyond it, and in larger images, walking through each region is faster.</summary>
    private const int MostSteps = 256;

    /// <summary>Numbers of pixels up to this are exact in 32-bit floats.</summary>
    private const long MostPixels = 1 << 24;

    /// <summary>Background [N, H, W], true where an image [N, 3, H, W] of bytes is white; on the images' device.</summary>
    public static Tensor Find(Tensor images, BackgroundOptions options) =>
        images.device_type is DeviceType.CPU || options.MinimumRegion > MostSteps || images.shape[2] * images.shape[3] > MostPixels
            ? ByWalking(images, options)
            : ByWholeImages(images, options);

    /// <summary>The same on any device, without waiting for it.</summary>
    /// <remarks>
    /// White pixels are numbered, and each takes the highest number around it, one time fewer than a region must have pixels. A smaller region then has one number throughout. In a larger one, each number is either that of enough
    /// pixels, or one of its pixels would still change.
    /// </remarks>
    internal static Tensor ByWholeImages(Tensor images, BackgroundOptions options)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (count, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
        var white = IsWhite(images, options.GreyThreshold);
        if (options.MinimumRegion <= 1)
        {
            return white.MoveToOuterDisposeScope();
        }

        var inside = white.to(ScalarType.Float32).unsqueeze(1);
        var numbers = arange(1, (height * width) + 1, ScalarType.Float32, images.device).view(1, 1, height, width).mul(inside);
        for (var step = 1; step < options.MinimumRegion; step++)
        {
            using var last = numbers;
            numbers = HighestAround(last, inside);
        }

        var changed = HighestAround(numbers, inside).ne(numbers);
        var places = numbers.view(count, -1).to(ScalarType.Int64);
        var pixels = changed.view(count, -1).to(ScalarType.Float32).mul(options.MinimumRegion).add(1);
        var sizes = zeros([count, (height * width) + 1], ScalarType.Float32, images.device).scatter_add_(1, places, pixels);
        return sizes.gather(1, places).ge(options.MinimumRegion).view(count, height, width).logical_and(white).MoveToOuterDisposeScope();
    }

    /// <summary>Where the grey value [N, H, W] is above a threshold.</summary>
    private static Tensor IsWhite(Tensor images, int threshold)
    {
        using var scope = NewDisposeScope();
        var channels = images.to(ScalarType.Int32);
        var grey = channels.select(1, 0).mul(RedShare).add(channels.select(1, 1).mul(GreenShare)).add(channels.select(1, 2).mul(BlueShare)).add(Half);
        return grey.ge((threshold + 1) << ShareBits).MoveToOuterDisposeScope();
    }

    /// <summary>The highest number of each white pixel and its four neighbours; 0 elsewhere.</summary>
    private static Tensor HighestAround(Tensor numbers, Tensor inside)
    {
        using var scope = NewDisposeScope();
        var column = nn.functional.max_pool2d(numbers, [3, 1], [1, 1], [1, 0]);
        var row = nn.functional.max_pool2d(numbers, [1, 3], [1, 1], [0, 1]);
        return maximum(column, row).mul_(inside).MoveToOuterDisposeScope();
    }

    private static Tensor ByWalking(Tensor images, BackgroundOptions options)
    {
        long count = images.shape[0], height = images.shape[2], width = images.shape[3];
        using var host = images.cpu().contiguous();
        var bytes = host.data<byte>().ToArray();
        var mask = new byte[count * height * width];
        for (var n = 0; n < count; n++)
        {
            var image = bytes.AsSpan((int)(n * 3 * height * width), (int)(3 * height * width));
            Find(image, (int)height, (int)width, options.GreyThreshold, options.MinimumRegion, mask.AsSpan((int)(n * height * width), (int)(height * width)));
        }

        return tensor(mask, [count, height, width], device: images.device).to(ScalarType.Bool);
    }
}
