using Mlps.Torch.Data;
using Mlps.Torch.Evaluation;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Scores a patch classifier while it is trained: by its label sets, and by its pseudo masks where the truth is known.</summary>
/// <param name="tiles">Labelled patches, with a mask each where pseudo masks are to be scored; belongs to the caller.</param>
/// <param name="layers">The layers of the pseudo masks.</param>
/// <param name="options">How pseudo masks are made.</param>
/// <param name="normalization">What the network is trained with.</param>
/// <param name="device">Where the network is.</param>
/// <param name="ranks">Those with whom the patches are shared: each scores its part, and all get the scores of all. Null for none.</param>
internal sealed class PatchClassifierValidation(
    PatchStore tiles, IReadOnlyList<ActivationLayer> layers, PseudoMaskRules options, Normalization normalization, Device device, RankGroup? ranks = null)
{
    private const int BatchSize = 32;

    /// <summary>Scores in [0, 1] by name, the deciding one first.</summary>
    /// <remarks>With masks: <c>pseudoMaskMeanIoU</c> (mean over the layers), each layer's, and <c>classMapMeanIoU</c>, of segmenting by the class maps of the predicted labels. Always: <c>labelIoU</c>, <c>exactMatch</c>, <c>meanAveragePrecision</c>.</remarks>
    /// <param name="network">In evaluation mode.</param>
    public IReadOnlyList<KeyValuePair<string, double>> Score(ClassifierNetwork network)
    {
        using var rounding = FactorRounding.On(device, Precision.TensorFloat32);
        var scored = tiles.Layout.MaskCount > 0;
        var predicted = new float[tiles.Count * network.ClassCount];
        var byLayer = layers.Select(_ => new PixelConfusionMatrix(network.ClassCount)).ToArray();
        var byClassMap = new PixelConfusionMatrix(network.ClassCount);
        var needed = scored ? layers : [network.LayersByDepth[^1]];
        foreach (var (first, count) in StoreBatches.Split(tiles, BatchSize, ranks))
        {
            using var state = ComputeScope.ForGradients();
            var bytes = tiles.Images(first, count);
            var labels = tiles.Labels(first, count);
            var images = bytes.to(device);
            var (maps, logits, classMaps) = GradCam.ComputeWithClassMaps(network, normalization.Apply(images.ToUnitRange()), needed, scored && options.Recipe is Recipe.Default ? labels : null);
            if (scored)
            {
                var masks = PseudoMaskGenerator.Generate(maps, labels, images, options);
                var segmented = ClassMapSegmentation.Compute(classMaps, logits, bytes.shape[2], bytes.shape[3], options.EffectiveScaling);
                Add([.. byLayer, byClassMap], cat([masks, segmented.unsqueeze(1)], dim: 1).cpu(), first);
            }

            logits.cpu().contiguous().data<float>().CopyTo(predicted.AsSpan(first * network.ClassCount));
        }

        ranks?.Sum(predicted.AsSpan());
        foreach (var matrix in byLayer.Append(byClassMap))
        {
            ranks?.Sum(matrix.Counts);
        }

        var labelScores = LabelScoresOf(predicted, network.ClassCount);
        return scored ? [.. MaskScores(byLayer, byClassMap), .. labelScores] : labelScores;
    }

    /// <summary>Scores of the logits [patches, C] of all patches.</summary>
    private IReadOnlyList<KeyValuePair<string, double>> LabelScoresOf(float[] logits, int classCount)
    {
        var meter = new LabelMeter();
        foreach (var (first, count) in StoreBatches.Split(tiles, BatchSize))
        {
            using var state = ComputeScope.ForPrediction();
            meter.Add(tensor(logits[(first * classCount)..((first + count) * classCount)], [count, classCount], device: CPU), tiles.Labels(first, count));
        }

        return meter.Scores();
    }

    private List<KeyValuePair<string, double>> MaskScores(PixelConfusionMatrix[] byLayer, PixelConfusionMatrix byClassMap)
    {
        var layerScores = byLayer.Select(ValidationScore.Compute).ToArray();
        return
        [
            new("pseudoMaskMeanIoU", layerScores.Average()),
            .. layers.Zip(layerScores, (layer, score) => new KeyValuePair<string, double>($"pseudoMaskMeanIoU.{layer.Name()}", score)),
            new("classMapMeanIoU", ValidationScore.Compute(byClassMap)),
        ];
    }

    /// <summary>Counts masks [N, M, H, W], one matrix for each of the M.</summary>
    private void Add(PixelConfusionMatrix[] matrices, Tensor masks, int first)
    {
        using var whole = masks.contiguous();
        var predicted = whole.data<byte>().ToArray();
        var pixels = tiles.Layout.PixelCount;
        for (var n = 0; n < masks.shape[0]; n++)
        {
            for (var m = 0; m < matrices.Length; m++)
            {
                matrices[m].Add(tiles.Mask(first + n, 0), predicted.AsSpan(((n * matrices.Length) + m) * pixels, pixels));
            }
        }
    }
}
