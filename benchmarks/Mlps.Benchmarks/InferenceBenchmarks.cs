using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks.Backbones;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks;

/// <summary>Question: what do predictions cost beside the networks' own forward passes, and what does folding BatchNorms save?</summary>
/// <remarks>One operation is 16 images of the training patches' size, gate included; images are decoded before.</remarks>
[ShortRunJob]
[MemoryDiagnoser]
public class InferenceBenchmarks
{
    private const int Images = 16;
    private const int Side = 224;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlps-bench-").FullName;
    private TransformerChain<GatedSegmenterTransformer> _model = null!;
    private PatchClassifier _classifier = null!;
    private Segmenter _segmenter = null!;
    private IDataView _table = null!;
    private Tensor _bytes = null!;
    private Tensor _unit = null!;
    private SegmentationOptions _asking = null!;

    /// <summary>Trains a model for a moment: weights do not matter here.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        SyntheticTissue.Write(_folder, new SyntheticTissueOptions { TrainPatches = Images, ValidationPatches = 1, TestPatches = Images, PatchSize = Side, EvaluationSize = Side });
        var dataset = TissueDataset.Open(_folder);
        var ml = new MLContext(1);
        var chain = ml.TissueSegmentation.PatchClassifier(dataset.Classes, new() { Width = 0.125, Training = new() { Epochs = 1, BatchSize = 4 }, ScoringBatchSize = Images })
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, new()
            {
                Architecture = new() { Backbone = BackboneKind.Compact },
                Training = new() { Epochs = 1, BatchSize = 4 },
                ScoringBatchSize = Images,
            }));
        _model = chain.Fit(dataset.Load(ml, DatasetSplit.Train));
        _table = ml.Data.Cache(dataset.Load(ml, DatasetSplit.Test), "Name");
        _classifier = ((IEnumerable<ITransformer>)_model).OfType<PatchClassifierTransformer>().Single().Classifier;
        _segmenter = _model.LastTransformer.Segmenter;
        _asking = _model.LastTransformer.Segmentation;
        _bytes = randint(0, 256, [Images, 3, Side, Side], dtype: ScalarType.Byte);
        _unit = _bytes.to(ScalarType.Float32).div(255);
    }

    /// <summary>Removes the data.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _model.Dispose();
        _bytes.Dispose();
        _unit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Both networks as their modules say.</summary>
    [Benchmark(Baseline = true, Description = "plain module forward")]
    public void Plain()
    {
        Mlps.Torch.Networks.Folding.Unfold(_classifier.Network);
        Mlps.Torch.Networks.Folding.Unfold(_segmenter.Network);
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        _classifier.Network.forward(_unit).sigmoid();
        _segmenter.Network.forward(_unit).argmax(1);
    }

    /// <summary>The tensor-level calls: bytes in, masks out.</summary>
    [Benchmark(Description = "Segmenter.Masks with gate")]
    public void Tensors()
    {
        _classifier.Fold();
        _segmenter.Fold();
        using var gate = _classifier.WindowProbabilities(_bytes);
        using var masks = _segmenter.Masks(_bytes, gate, _asking);
    }

    /// <summary>The chain over a table; PNG files are decoded too.</summary>
    [Benchmark(Description = "model.Transform, PNG files decoded")]
    public int Table()
    {
        _classifier.Fold();
        _segmenter.Fold();
        var predicted = _model.Transform(_table);
        var column = predicted.Schema[TissueColumns.PredictedMask];
        using var cursor = predicted.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<byte>>(column);
        VBuffer<byte> mask = default;
        var pixels = 0;
        while (cursor.MoveNext())
        {
            getter(ref mask);
            pixels += mask.Length;
        }

        return pixels;
    }
}
