using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch.Inference;

namespace Mlps.Slides;

/// <summary>A trained chain that ends with a segmenter, as slides need it.</summary>
/// <remarks>Where it predicts a tile in windows, these are blended as tiles are: seams between them would show as much.</remarks>
internal sealed class SlideModel
{
    private readonly ITransformer[] _stages;

    private SlideModel(ITransformer[] stages, GatedSegmenterTransformer segmenter) => (_stages, Segmenter) = (stages, segmenter);

    /// <summary>The last stage.</summary>
    public GatedSegmenterTransformer Segmenter { get; }

    /// <summary>The tissues.</summary>
    public TissueClasses Classes => Segmenter.Classes;

    /// <summary>Takes a chain apart.</summary>
    /// <param name="chain">The model.</param>
    /// <param name="segmentation">How to predict; null for the model's own way.</param>
    /// <exception cref="ArgumentException">The chain does not end with a segmenter.</exception>
    public static SlideModel Of(ITransformer chain, SegmentationOptions? segmentation)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ITransformer[] stages = [.. Flat(chain)];
        return stages.LastOrDefault() is GatedSegmenterTransformer segmenter
            ? new SlideModel(stages[..^1], segmenter.With((segmentation ?? segmenter.Segmentation) with { WindowWeights = WindowWeights.Hann }))
            : throw new ArgumentException("The model does not end with a tissue segmenter, so it cannot segment slides. Give a chain that mlps train or MultiLayerPseudoSupervision made.", nameof(chain));
    }

    /// <summary>The table with everything that the chain makes.</summary>
    public IDataView Transform(IDataView tiles) => Segmenter.Transform(_stages.Aggregate(tiles, (view, stage) => stage.Transform(view)));

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) => transformer is IEnumerable<ITransformer> several ? several.SelectMany(Flat) : [transformer];
}
