using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Baselines;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What do gated predictions cost, against the plain forward passes of both modules at the same batch size, and what do ML.NET's tables add?</summary>
[BenchmarkConfiguration(iterations: 3, perSecond: "images")]
public class InferenceBenchmark
{
    private const int Batch = SharedChain.Batch;

    private Tissue _tissue = null!;
    private BenchmarkChain _chain = null!;
    private IDataView _table = null!;
    private Tensor _bytes = null!;
    private nn.Module<Tensor, Tensor> _plainClassifier = null!;
    private nn.Module<Tensor, Tensor> _plainSegmenter = null!;

    /// <summary>Which networks.</summary>
    [Params(NetworkSize.Published, NetworkSize.Small)]
    public NetworkSize Size { get; set; }

    /// <summary>Decodes images.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        _tissue = new Tissue(trainPatches: 1, testImages: SharedChain.Rows);
        _chain = SharedChain.Get(Size);
        var rows = DecodedImages.Read(_tissue.Dataset, SharedChain.Rows);
        _table = new MLContext(1).Data.LoadFromEnumerable(rows);
        _bytes = tensor(rows.SelectMany(row => ImagePixels.ToRgb(row.Image)).ToArray(), [SharedChain.Rows, 3, Tissue.Side, Tissue.Side]);
        _plainClassifier = Size is NetworkSize.Published ? new PlainResNet38(Tissue.ClassCount) : new ResNet38(Tissue.ClassCount, Size.ClassifierWidth());
        _plainClassifier.to(ChosenDevice.Device).eval();
        _plainSegmenter = Size is NetworkSize.Published ? new PlainDeepLab(Tissue.ClassCount) : new DeepLabV3Plus(Tissue.ClassCount, Size.Architecture());
        _plainSegmenter.to(ChosenDevice.Device).eval();
    }

    /// <summary>Removes what was made.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _plainClassifier.Dispose();
        _plainSegmenter.Dispose();
        _bytes.Dispose();
        _tissue.Dispose();
    }

    /// <summary>Both networks as their modules say, gradients recorded.</summary>
    [Benchmark(Baseline = true, Description = "modules' forward as called", OperationsPerInvoke = Batch)]
    public void Plain() => Modules();

    /// <summary>Both networks as their modules say.</summary>
    [Benchmark(Description = "modules' forward without gradients", OperationsPerInvoke = Batch)]
    public void PlainWithoutGradients()
    {
        using var mode = inference_mode();
        Modules();
    }

    /// <summary>The classifier's share.</summary>
    [Benchmark(Description = "PatchClassifier alone, for the gate", OperationsPerInvoke = Batch)]
    public void Gate()
    {
        using var gate = _chain.Classifier.PredictWindowProbabilities(_bytes);
    }

    /// <summary>Bytes in, masks out.</summary>
    [Benchmark(Description = "PatchClassifier and Segmenter, tensors", OperationsPerInvoke = Batch)]
    public void Tensors() => Tensors(Precision.Full);

    /// <summary>The same as a GPU computes by default.</summary>
    public void TensorsInTensorFloat32() => Tensors(Precision.TensorFloat32);

    /// <summary>Bytes in, masks out.</summary>
    [Benchmark(Description = "the same in bfloat16", OperationsPerInvoke = Batch)]
    public void TensorsInSixteenBits() => Tensors(Precision.BFloat16);

    /// <summary>Images in, masks out.</summary>
    [Benchmark(Description = "model.Transform over a table", OperationsPerInvoke = Batch)]
    public int Table() => Masks.Read(_chain.Model.Transform(_table));

    /// <summary>Images in, masks out.</summary>
    [Benchmark(Description = "the same in bfloat16 ", OperationsPerInvoke = Batch)]
    public int TableInSixteenBits() => Masks.Read(_chain.TransformInSixteenBits(_table));

    private void Modules()
    {
        using var scope = NewDisposeScope();
        var unit = _bytes.to(ChosenDevice.Device).to(ScalarType.Float32).div(255);
        _plainClassifier.forward(unit).sigmoid().cpu();
        _plainSegmenter.forward(unit).argmax(1).cpu();
    }

    private void Tensors(Precision precision)
    {
        using var gate = _chain.Classifier.PredictWindowProbabilities(_bytes, precision);
        using var masks = _chain.Segmenter.PredictMasks(_bytes, gate, _chain.Segmentation with { Precision = precision });
    }
}
