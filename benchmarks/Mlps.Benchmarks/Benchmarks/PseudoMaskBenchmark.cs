using BenchmarkDotNet.Attributes;
using Mlps.Benchmarks.Baselines;
using Mlps.Benchmarks.Setup;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What do pseudo masks of three layers cost a patch, against the published method and against one forward pass? Published ResNet-38, 4 classes, 224 px.</summary>
[BenchmarkConfiguration(iterations: 2, perSecond: "patches", warmups: 0)]
public class PseudoMaskBenchmark
{
    private const int Batch = 4;
    private const int BatchOnGpu = 16;

    private ResNet38 _plain = null!;
    private PlainResNet38 _modules = null!;
    private PatchClassifier _classifier = null!;
    private Tensor _bytes = null!;
    private Tensor _unit = null!;
    private Tensor _twoOfFour = null!;

    /// <summary>Patches of a call.</summary>
    public static int Patches => ChosenDevice.Batch(Batch, BatchOnGpu);

    /// <summary>Makes networks and patches, and runs each once: the published method is too slow for a warm-up of its own.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        manual_seed(1);
        _plain = new ResNet38(Tissue.ClassCount);
        _plain.to(ChosenDevice.Device).eval();
        _modules = new PlainResNet38(Tissue.ClassCount);
        _modules.to(ChosenDevice.Device).eval();
        _classifier = new PatchClassifier(new ResNet38(Tissue.ClassCount), Normalization.None, (Tissue.Side, Tissue.Side), ChosenDevice.Device);
        _classifier.Network.load_state_dict(_plain.state_dict());
        _classifier.Fold();
        _bytes = randint(0, 256, [Patches, 3, Tissue.Side, Tissue.Side], dtype: ScalarType.Byte);
        _unit = _bytes.to(ChosenDevice.Device).to(ScalarType.Float32).div(255);
        _twoOfFour = arange(Tissue.ClassCount).lt(2).repeat([Patches, 1]);
        using var scope = NewDisposeScope();
        _modules.forward(_unit.narrow(0, 0, 1));
        _classifier.ComputeActivationMaps(_bytes.narrow(0, 0, 1), ActivationLayers.Default);
        _classifier.ComputeActivationMaps(_bytes.narrow(0, 0, 1), ActivationLayers.Default, precision: Precision.BFloat16);
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _plain.Dispose();
        _modules.Dispose();
        _classifier.Dispose();
        _bytes.Dispose();
        _unit.Dispose();
        _twoOfFour.Dispose();
    }

    /// <summary>One patch.</summary>
    [Benchmark(Baseline = true, Description = "the published method, one patch at a time")]
    public void Published()
    {
        using var masks = new PublishedPseudoMasks(_plain).PredictMasks(_unit.narrow(0, 0, 1), _bytes.narrow(0, 0, 1), _twoOfFour.narrow(0, 0, 1), ActivationLayers.Default);
    }

    /// <summary>Four patches.</summary>
    [Benchmark(Description = "one forward pass of the modules, batch 4", OperationsPerInvoke = Batch)]
    public void Forward()
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        _modules.forward(_unit).cpu();
    }

    /// <summary>Four patches.</summary>
    [Benchmark(Description = "maps of all classes (Recipe.Reference), batch 4", OperationsPerInvoke = Batch)]
    public void AllClasses() => Masks(Recipe.Reference, Precision.Full);

    /// <summary>Four patches.</summary>
    [Benchmark(Description = "maps of 2 of 4 classes (default), batch 4", OperationsPerInvoke = Batch)]
    public void PresentClasses() => Masks(Recipe.Default, Precision.Full);

    /// <summary>Four patches.</summary>
    [Benchmark(Description = "the same in bfloat16", OperationsPerInvoke = Batch)]
    public void PresentClassesInSixteenBits() => Masks(Recipe.Default, Precision.BFloat16);

    /// <summary>The same as a GPU computes by default.</summary>
    public void AllClassesInTensorFloat32() => Masks(Recipe.Reference, Precision.TensorFloat32);

    /// <summary>The same as a GPU computes by default.</summary>
    public void PresentClassesInTensorFloat32() => Masks(Recipe.Default, Precision.TensorFloat32);

    private void Masks(Recipe recipe, Precision precision)
    {
        using var masks = _classifier.ComputePseudoMasks(_bytes, _twoOfFour, ActivationLayers.Default, new PseudoMaskRules { Recipe = recipe }, precision);
    }
}
