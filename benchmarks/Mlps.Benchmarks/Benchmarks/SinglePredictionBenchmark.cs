using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What does ML.NET's PredictionEngine add to one image's prediction?</summary>
[BenchmarkConfiguration(iterations: 5, perSecond: "images")]
public class SinglePredictionBenchmark
{
    /// <summary>One image is soon done: several make a measurement.</summary>
    public const int Times = 2;

    private Tissue _tissue = null!;
    private BenchmarkChain _chain = null!;
    private PredictionEngine<ImageRow, MaskRow> _engine = null!;
    private ImageRow _row = null!;
    private Tensor _bytes = null!;

    /// <summary>Which networks.</summary>
    [Params(NetworkSize.Published, NetworkSize.Small)]
    public NetworkSize Size { get; set; }

    /// <summary>Decodes an image.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        _tissue = new Tissue(trainPatches: 1, testImages: 1);
        _chain = SharedChain.Get(Size);
        _row = DecodedImages.Read(_tissue.Dataset, 1)[0];
        _bytes = tensor(ImagePixels.ToRgb(_row.Image), [1, 3, Tissue.Side, Tissue.Side]);
        _engine = new MLContext(1).Model.CreatePredictionEngine<ImageRow, MaskRow>(_chain.Model, new PredictionEngineOptions { OwnsTransformer = false });
    }

    /// <summary>Removes what was made.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _engine.Dispose();
        _bytes.Dispose();
        _tissue.Dispose();
    }

    /// <summary>Bytes in, mask out.</summary>
    [Benchmark(Baseline = true, Description = "PatchClassifier and Segmenter, tensors, batch 1", OperationsPerInvoke = Times)]
    public void Tensors()
    {
        for (var time = 0; time < Times; time++)
        {
            using var gate = _chain.Classifier.PredictWindowProbabilities(_bytes);
            using var masks = _chain.Segmenter.PredictMasks(_bytes, gate, _chain.Segmentation);
        }
    }

    /// <summary>Image in, mask out.</summary>
    [Benchmark(Description = "PredictionEngine.Predict", OperationsPerInvoke = Times)]
    public int Engine()
    {
        var pixels = 0;
        for (var time = 0; time < Times; time++)
        {
            pixels += _engine.Predict(_row).PredictedMask.Length;
        }

        return pixels;
    }
}
