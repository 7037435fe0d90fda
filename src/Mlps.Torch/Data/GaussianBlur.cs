using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>Gaussian blur of images, each by its own radius.</summary>
internal static class GaussianBlur
{
    private const double Reach = 3;

    /// <summary>An image [1, 3, H, W] blurred by a standard deviation of <paramref name="radius"/> pixels, edges mirrored.</summary>
    public static Tensor Apply(Tensor image, double radius)
    {
        var half = (int)Math.Ceiling(Reach * radius);
        if (half == 0)
        {
            return image.alias();
        }

        using var scope = NewDisposeScope();
        half = (int)Math.Min(half, Math.Min(image.shape[2], image.shape[3]) - 1);
        var kernel = tensor(Kernel(half, radius), device: image.device);
        var channels = image.flatten(0, 1).unsqueeze(1);
        channels = nn.functional.pad(channels, [half, half, half, half], PaddingModes.Reflect);
        channels = nn.functional.conv2d(channels, kernel.view(1, 1, 1, -1));
        channels = nn.functional.conv2d(channels, kernel.view(1, 1, -1, 1));
        return channels.view(image.shape).MoveToOuterDisposeScope();
    }

    private static float[] Kernel(int half, double radius)
    {
        var weights = Enumerable.Range(-half, (2 * half) + 1).Select(offset => Math.Exp(-offset * offset / (2 * radius * radius))).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }
}
