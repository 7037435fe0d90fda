using BenchmarkDotNet.Attributes;
using Mlps.Benchmarks.Baselines;
using Mlps.Benchmarks.Setup;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What does a training step of each stage cost a patch, against the same step written plainly? Published networks, batch 4, 224 px, as from loaded weights.</summary>
[BenchmarkConfiguration(iterations: 3, perSecond: "patches")]
public class TrainingStepBenchmark
{
    public const int Batch = 4;
    private const int BatchOnGpu = 20;
    private static readonly double[] _weights = [0.2, 0.2, 0.6];

    private PatchStore _patches = null!;
    private Tensor _images = null!;
    private Tensor _labels = null!;
    private Tensor _masks = null!;
    private PublishedSteps? _published;
    private readonly Dictionary<Precision, (nn.Module Network, TrainerSteps Trainer)> _trained = [];

    /// <summary>1 for the patch classifier, 2 for the segmenter.</summary>
    [Params(1, 2)]
    public int Stage { get; set; }

    /// <summary>Patches of a step.</summary>
    public static int Patches => ChosenDevice.Batch(Batch, BatchOnGpu);

    private void Setup()
    {
        if (_patches is not null)
        {
            return;
        }

        LibTorch.EnsureLoaded();
        manual_seed(1);
        _patches = RandomPatches.Fill(Patches, Tissue.Side, Tissue.ClassCount, maskCount: _weights.Length);
        var batch = RandomPatches.Batch(_patches, Patches);
        (_images, _labels, _masks) = (batch.Images.to(ChosenDevice.Device), batch.Labels.to(ChosenDevice.Device), batch.Masks.to(ChosenDevice.Device));
    }

    /// <summary>The network of the plain steps.</summary>
    [GlobalSetup(Target = nameof(Plain))]
    public void SetupPlain()
    {
        Setup();
        _published = Stage == 1
            ? PublishedSteps.OfClassifier(new PlainResNet38(Tissue.ClassCount).to(ChosenDevice.Device), _labels)
            : PublishedSteps.OfSegmenter(new PlainDeepLab(Tissue.ClassCount).to(ChosenDevice.Device), _masks, _weights);
    }

    /// <summary>The network of this library's steps.</summary>
    [GlobalSetup(Target = nameof(Trainer))]
    public void SetupTrainer() => SetupTrainer(Precision.Full);

    /// <summary>The network of steps in 16 bits.</summary>
    [GlobalSetup(Target = nameof(TrainerInSixteenBits))]
    public void SetupTrainerInSixteenBits() => SetupTrainer(Precision.BFloat16);

    /// <summary>The network of steps in a precision.</summary>
    public void SetupTrainer(Precision precision)
    {
        Setup();
        _trained[precision] = Trained(precision);
    }

    /// <summary>Frees what was made.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _published?.Dispose();
        foreach (var (network, trainer) in _trained.Values)
        {
            trainer.Dispose();
            network.Dispose();
        }

        _trained.Clear();
        _images.Dispose();
        _labels.Dispose();
        _masks.Dispose();
        _patches.Dispose();
    }

    /// <summary>A step on tensors that are ready.</summary>
    [Benchmark(Baseline = true, Description = "forward, loss, backward, SGD", OperationsPerInvoke = Batch)]
    public double Plain() => _published!.Step(_images);

    /// <summary>A step of the trainer, with its reading, augmentation, schedule and scores.</summary>
    [Benchmark(Description = "this library's training step", OperationsPerInvoke = Batch)]
    public double Trainer() => Step(Precision.Full);

    /// <summary>The same with convolutions in 16 bits.</summary>
    [Benchmark(Description = "the same in bfloat16", OperationsPerInvoke = Batch)]
    public double TrainerInSixteenBits() => Step(Precision.BFloat16);

    /// <summary>A step in a precision.</summary>
    public double Step(Precision precision) => _trained[precision].Trainer.Step();

    private (nn.Module Network, TrainerSteps Trainer) Trained(Precision precision)
    {
        if (Stage == 1)
        {
            var options = NoiseTraining.Classifier(PatchClassifierTrainingOptions.Reference, precision);
            var classifier = new ResNet38(Tissue.ClassCount).to(ChosenDevice.Device);
            return (classifier, new TrainerSteps(new PatchClassifierTrainer(classifier, _patches, options, Normalization.None, ChosenDevice.Device), _patches, options.Augmentation, Patches, ChosenDevice.Device));
        }
        else
        {
            var options = NoiseTraining.Segmenter(new() { MaskWeights = _weights }, precision);
            var segmenter = new DeepLabV3Plus(Tissue.ClassCount, NetworkSize.Published.Architecture()).to(ChosenDevice.Device);
            return (segmenter, new TrainerSteps(new SegmenterTrainer(segmenter, _patches, options, Normalization.None, ChosenDevice.Device), _patches, options.Augmentation, Patches, ChosenDevice.Device));
        }
    }
}
