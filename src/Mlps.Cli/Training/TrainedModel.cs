using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Cli.Training;

/// <summary>A chain whose last stage is a segmenter.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly ITransformer[] _stages;
    private readonly ITransformer _chain;

    private TrainedModel(ITransformer chain, ITransformer[] stages, GatedSegmenterTransformer segmenter) => (_chain, _stages, Segmenter) = (chain, stages, segmenter);

    public GatedSegmenterTransformer Segmenter { get; }

    /// <summary>All of the model.</summary>
    public ITransformer Chain => _chain;

    public TissueClasses Classes => Segmenter.Classes;

    /// <summary>The chain's transformers, in order.</summary>
    public IReadOnlyList<ITransformer> Stages => _stages;

    /// <summary>The model in a chain; null where it has no segmenter at its end.</summary>
    public static TrainedModel? FromChain(ITransformer chain)
    {
        ITransformer[] stages = [.. Flat(chain)];
        return stages.LastOrDefault() is GatedSegmenterTransformer segmenter ? new TrainedModel(chain, stages, segmenter) : null;
    }

    /// <summary>The table with everything that the chain makes.</summary>
    public IDataView Transform(IDataView table) => _chain.Transform(table);

    /// <summary>The table, predicted with other segmentation options.</summary>
    public IDataView Transform(IDataView table, SegmentationOptions segmentation) =>
        Segmenter.With(segmentation).Transform(_stages[..^1].Aggregate(table, (view, stage) => InPrecision(stage, segmentation.Precision).Transform(view)));

    /// <summary>The transformers of a chain and of the chains in it.</summary>
    private static IEnumerable<ITransformer> Flat(ITransformer transformer) => transformer is IEnumerable<ITransformer> several ? several.SelectMany(Flat) : [transformer];

    private static ITransformer InPrecision(ITransformer stage, Precision precision) => stage is PatchClassifierTransformer classifier ? classifier.With(precision) : stage;

    public void Dispose()
    {
        foreach (var stage in _stages.OfType<IDisposable>())
        {
            stage.Dispose();
        }
    }
}
