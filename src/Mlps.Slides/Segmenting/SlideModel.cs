using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Inference;

namespace Mlps.Slides;

/// <summary>A trained chain that ends with a segmenter, as slides need it.</summary>
/// <remarks>Where it predicts a tile in windows, these are blended as tiles are: seams between them would show as much.</remarks>
internal sealed class SlideModel
{
    private SlideModel(ITransformer[] stages, GatedSegmenterTransformer segmenter) => (Stages, Segmenter) = (stages, segmenter);

    /// <summary>The stages before the last.</summary>
    public IReadOnlyList<ITransformer> Stages { get; }

    /// <summary>The last stage.</summary>
    public GatedSegmenterTransformer Segmenter { get; }

    /// <summary>The tissues.</summary>
    public TissueClasses Classes => Segmenter.Classes;

    /// <summary>Takes a chain apart.</summary>
    /// <param name="chain">The model.</param>
    /// <param name="segmentation">How to predict, where the precision is that of the patch classifier too; null for the model's own way.</param>
    /// <exception cref="ArgumentException">The chain does not end with a segmenter.</exception>
    public static SlideModel Of(ITransformer chain, SegmentationOptions? segmentation)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ITransformer[] stages = [.. Flat(chain)];
        return stages.LastOrDefault() is GatedSegmenterTransformer segmenter
            ? new SlideModel([.. stages[..^1].Select(stage => InPrecision(stage, segmentation?.Precision))], segmenter.With((segmentation ?? segmenter.Segmentation) with { Blending = BlendingKind.Hann }))
            : throw new ArgumentException("The model does not end with a tissue segmenter, so it cannot segment slides. Give a chain that mlps train or MultiLayerPseudoSupervision made.", nameof(chain));
    }

    /// <summary>The table with everything that the chain makes.</summary>
    public IDataView Transform(IDataView tiles) => Segmenter.Transform(Stages.Aggregate(tiles, (view, stage) => stage.Transform(view)));

    private static ITransformer InPrecision(ITransformer stage, Precision? precision) => stage is PatchClassifierTransformer classifier && precision is { } wanted ? classifier.With(wanted) : stage;

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) => transformer is IEnumerable<ITransformer> several ? several.SelectMany(Flat) : [transformer];
}
