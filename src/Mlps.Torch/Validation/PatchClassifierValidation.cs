using Mlps.Torch.Attention;
using Mlps.Torch.Data;
using Mlps.Torch.Evaluation;
using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Scores a patch classifier while it is trained: by its label sets, and by its pseudo masks where the truth is known.</summary>
/// <param name="tiles">Labelled patches, with a mask each where pseudo masks are to be scored; belongs to the caller.</param>
/// <param name="layers">The layers of the pseudo masks.</param>
/// <param name="options">How pseudo masks are made.</param>
/// <param name="normalization">What the network is trained with.</param>
/// <param name="device">Where the network is.</param>
internal sealed class PatchClassifierValidation(PatchStore tiles, IReadOnlyList<ActivationLayer> layers, PseudoMaskOptions options, Normalization normalization, Device device)
{
    private const int BatchSize = 32;

    /// <summary>Scores in [0, 1] by name, the deciding one first: <c>pseudoMaskMeanIoU</c> (mean over the layers), each layer's, <c>exactMatch</c>, <c>labelIoU</c>.</summary>
    /// <param name="network">In evaluation mode.</param>
    public IReadOnlyList<KeyValuePair<string, double>> Score(ResNet38 network)
    {
        var scored = tiles.Layout.MaskCount > 0;
        var matrices = layers.Select(_ => new ConfusionMatrix(network.ClassCount)).ToArray();
        double exact = 0, overlap = 0;
        foreach (var (first, count) in StoreBatches.Of(tiles, BatchSize))
        {
            using var scope = NewDisposeScope();
            var bytes = tiles.Images(first, count);
            var labels = tiles.Labels(first, count);
            var (maps, logits) = GradCam.Of(network, normalization.Apply(bytes.to(device).ToUnitRange()), scored ? layers : [ActivationLayer.Bn7]);
            var (batchExact, batchOverlap) = LabelScores.Of(logits.cpu(), labels);
            exact += batchExact * count;
            overlap += batchOverlap * count;
            if (scored)
            {
                AddPseudoMasks(matrices, maps.cpu(), labels, bytes, first);
            }
        }

        KeyValuePair<string, double>[] labelScores = [new("labelIoU", overlap / tiles.Count), new("exactMatch", exact / tiles.Count)];
        if (!scored)
        {
            return labelScores;
        }

        var byLayer = layers.Zip(matrices, (layer, matrix) => new KeyValuePair<string, double>($"pseudoMaskMeanIoU.{layer.Name()}", SegmentationScores.Compute(matrix, ScoringProtocol.A).MeanIoU)).ToArray();
        return [new("pseudoMaskMeanIoU", byLayer.Average(score => score.Value)), .. byLayer, .. labelScores];
    }

    private void AddPseudoMasks(ConfusionMatrix[] matrices, Tensor maps, Tensor labels, Tensor images, int first)
    {
        using var masks = PseudoMaskGenerator.Generate(maps, labels, images, options).contiguous();
        var predicted = masks.data<byte>().ToArray();
        var pixels = tiles.Layout.PixelCount;
        for (var n = 0; n < labels.shape[0]; n++)
        {
            for (var layer = 0; layer < matrices.Length; layer++)
            {
                matrices[layer].Add(tiles.Mask(first + n, 0), predicted.AsSpan(((n * matrices.Length) + layer) * pixels, pixels));
            }
        }
    }
}
