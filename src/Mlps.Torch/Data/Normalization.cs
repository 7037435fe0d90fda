using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>What is done to intensities before a network sees them.</summary>
public enum Normalization
{
    /// <summary>Intensities in [0, 1].</summary>
    None,

    /// <summary>Intensities in [0, 1] less ImageNet's mean, over its standard deviation, for each channel; for weights trained with it.</summary>
    ImageNet,

    /// <summary>Blue, green and red in [0, 255], less the means 103.06, 115.90 and 123.15; for the pretrained weights of ML.NET's ResNet-18.</summary>
    BlueGreenRed,
}

/// <summary>Turns bytes into what a network sees.</summary>
internal static class NormalizationExtensions
{
    private const float HighestByte = 255;
    private static readonly float[] ImageNetMean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] ImageNetDeviation = [0.229f, 0.224f, 0.225f];
    private static readonly float[] BlueGreenRedMean = [103.06f, 115.90f, 123.15f];

    /// <summary>The same for each channel of images in [0, 255]: multiplied by the scale, then shifted; blue, green and red where the channels are reversed.</summary>
    public static (bool Reversed, float[] Scale, float[] Shift) Affine(this Normalization normalization) => normalization switch
    {
        Normalization.None => (false, [1 / HighestByte, 1 / HighestByte, 1 / HighestByte], [0, 0, 0]),
        Normalization.ImageNet => (false, [.. ImageNetDeviation.Select(deviation => 1 / (HighestByte * deviation))], [.. ImageNetMean.Zip(ImageNetDeviation, (mean, deviation) => -mean / deviation)]),
        Normalization.BlueGreenRed => (true, [1, 1, 1], [.. BlueGreenRedMean.Select(mean => -mean)]),
        _ => throw new ArgumentOutOfRangeException(nameof(normalization), normalization, "No such normalization."),
    };

    /// <summary>Images [N, 3, H, W] of bytes as floats in [0, 1].</summary>
    public static Tensor ToUnitRange(this Tensor bytes) => bytes.to(ScalarType.Float32).div_(HighestByte);

    /// <summary>Applies the normalisation to images [N, 3, H, W] in [0, 1].</summary>
    public static Tensor Apply(this Normalization normalization, Tensor images)
    {
        if (normalization is Normalization.None)
        {
            return images.alias();
        }

        using var scope = NewDisposeScope();
        if (normalization is Normalization.BlueGreenRed)
        {
            return images.flip(1).mul(HighestByte).sub(Upload.Of(BlueGreenRedMean, [1, 3, 1, 1], images.device)).MoveToOuterDisposeScope();
        }

        var mean = Upload.Of(ImageNetMean, [1, 3, 1, 1], images.device);
        var deviation = Upload.Of(ImageNetDeviation, [1, 3, 1, 1], images.device);
        return images.sub(mean).div(deviation).MoveToOuterDisposeScope();
    }
}
