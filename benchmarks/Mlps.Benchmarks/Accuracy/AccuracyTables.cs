using Microsoft.ML;
using Mlps.ML;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>The tables of a dataset, with the stains of its training patches where a set normalizes them.</summary>
internal sealed class AccuracyTables
{
    private readonly MLContext _ml;
    private readonly TissueDataset _dataset;
    private readonly StainNormalizationTransformer? _normalizer;

    public AccuracyTables(MLContext ml, TissueDataset dataset, StainMethod? stains)
    {
        _ml = ml;
        _dataset = dataset;
        _normalizer = stains is { } method ? ml.TissueSegmentation.NormalizeStains(new StainNormalizationOptions { Method = method }).Fit(dataset.Load(ml, DatasetSplit.Train)) : null;
    }

    /// <summary>The table of a split.</summary>
    public IDataView Load(DatasetSplit split)
    {
        var table = _dataset.Load(_ml, split);
        return _normalizer?.Transform(table) ?? table;
    }
}
