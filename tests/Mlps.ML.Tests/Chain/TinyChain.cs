using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Networks;

namespace Mlps.ML.Tests.Chain;

/// <summary>The three stages with networks so small that they train in a second.</summary>
internal static class TinyChain
{
    public static PatchClassifierOptions Classifier { get; } = new()
    {
        Width = 1.0 / 32,
        Training = new() { Epochs = 1, BatchSize = 4 },
        ScoringBatchSize = 3,
    };

    public static GatedSegmenterOptions Segmenter { get; } = new()
    {
        Architecture = new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.125 },
        Training = new() { Epochs = 1, BatchSize = 4 },
        ScoringBatchSize = 3,
    };

    public static EstimatorChain<GatedSegmenterTransformer> Create(
        MLContext ml, PatchClassifierOptions? classifier = null, PseudoMasksOptions? masks = null, GatedSegmenterOptions? segmenter = null) =>
        ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, classifier ?? Classifier)
            .Append(ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes, masks))
            .Append(ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, segmenter ?? Segmenter));

    public static PatchClassifierTransformer ClassifierOf(this TransformerChain<GatedSegmenterTransformer> chain) => chain.OfType<PatchClassifierTransformer>().Single();

    public static PseudoMaskTransformer PseudoMasksOf(this TransformerChain<GatedSegmenterTransformer> chain) => chain.OfType<PseudoMaskTransformer>().Single();
}
