using System.IO.Compression;
using Mlps.ML.Png;

namespace Mlps.Onnx;

/// <summary>What a model says of an image; parts that were not requested are empty.</summary>
public sealed class OnnxPrediction
{
    private readonly IReadOnlyList<OnnxTissue> _palette;

    internal OnnxPrediction(int height, int width, IReadOnlyList<OnnxTissue> palette) => (Height, Width, _palette) = (height, width, palette);

    /// <summary>H of the image, in pixels.</summary>
    public int Height { get; }

    /// <summary>W of the image, in pixels.</summary>
    public int Width { get; }

    /// <summary>[H, W]: the tissue of each pixel by its index, after the gate; C where background is marked.</summary>
    public ReadOnlyMemory<byte> Mask { get; internal set; }

    /// <summary>[C]: the probability of each tissue in the whole image, from 0 to 1.</summary>
    public ReadOnlyMemory<float> Probability { get; internal set; }

    /// <summary>[C, H, W]: the probability of each tissue at each pixel, after the gate; they sum to 1.</summary>
    public ReadOnlyMemory<float> PixelProbability { get; internal set; }

    /// <summary>[H, W]: the uncertainty of each pixel, from 0 to 1.</summary>
    public ReadOnlyMemory<float> PixelUncertainty { get; internal set; }

    /// <summary>The mask as a palette PNG, in the tissues' colours; indices are the mask's.</summary>
    /// <exception cref="InvalidOperationException">The mask was not requested.</exception>
    public byte[] ToPng()
    {
        if (Mask.IsEmpty)
        {
            throw new InvalidOperationException($"The mask was not requested; predict with {nameof(OnnxOutputs)}.{nameof(OnnxOutputs.Mask)}.");
        }

        byte[] colors = [.. _palette.SelectMany(tissue => (byte[])[tissue.Red, tissue.Green, tissue.Blue])];
        return PngEncoder.Encode(Mask.Span, Width, Height, PngColorType.Palette, colors, CompressionLevel.Optimal);
    }
}
