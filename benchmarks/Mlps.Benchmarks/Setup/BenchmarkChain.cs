using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;

namespace Mlps.Benchmarks.Setup;

/// <summary>A chain of some size, trained for a step: weights do not matter for time.</summary>
internal sealed class BenchmarkChain : IDisposable
{
    private readonly TransformerChain<GatedSegmenterTransformer> _model;

    public BenchmarkChain(MLContext ml, TissueDataset dataset, NetworkSize size, int batchSize)
        : this(ml, dataset, size.ClassifierWidth(), size.Architecture(), batchSize)
    {
    }

    public BenchmarkChain(MLContext ml, TissueDataset dataset, double classifierWidth, SegmenterArchitecture architecture, int batchSize)
    {
        var train = ml.Data.TakeRows(dataset.Load(ml, DatasetSplit.Train), 2);
        _model = ml.TissueSegmentation.PatchClassifier(dataset.Classes, new() { Width = classifierWidth, Training = new() { Epochs = 1, BatchSize = 2 }, ScoringBatchSize = batchSize })
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, new() { Architecture = architecture, Training = new() { Epochs = 1, BatchSize = 2 }, ScoringBatchSize = batchSize }))
            .Fit(train);
    }

    public ITransformer Model => _model;

    public PatchClassifier Classifier => ((IEnumerable<ITransformer>)_model).OfType<PatchClassifierTransformer>().Single().Classifier;

    public Segmenter Segmenter => _model.LastTransformer.Segmenter;

    public SegmentationOptions Segmentation => _model.LastTransformer.Segmentation;

    /// <summary>The chain in 16 bits; it shares the networks.</summary>
    public IDataView TransformInSixteenBits(IDataView table)
    {
        var classifier = ((IEnumerable<ITransformer>)_model).OfType<PatchClassifierTransformer>().Single().With(Torch.Precision.BFloat16);
        return _model.LastTransformer.With(Segmentation with { Precision = Torch.Precision.BFloat16 }).Transform(classifier.Transform(table));
    }

    public void Dispose() => _model.Dispose();
}
