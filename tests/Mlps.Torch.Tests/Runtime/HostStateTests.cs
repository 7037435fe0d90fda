using System.Runtime.InteropServices;
using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using Mlps.Torch.Validation;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Whatever a host has done to TorchSharp's state, every entry gives the same and leaves that state as it was.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class HostStateTests : IDisposable
{
    private static readonly Dictionary<string, Func<HostStateTests, byte[][]>> _entries = new()
    {
        ["networks"] = _ => [.. NewNetworks()],
        ["weights"] = tests => tests.WrittenAndRead(),
        ["classifier"] = tests => tests.Classified(),
        ["activation maps"] = tests => tests.ActivationMaps(NewClassifier),
        ["segmenter"] = tests => tests.Segmented(),
        ["pseudo masks"] = tests => [Bytes(PseudoMaskGenerator.Generate(tests._maps, tests._labels, tests._images, new PseudoMaskRules()))],
        ["classifier's training"] = tests => tests.TrainedClassifier(),
        ["segmenter's training"] = tests => tests.TrainedSegmenter(),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(12);
    private readonly PatchStore _tiles = TwoTissues.Store(4, maskCount: 1);
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = TwoTissues.RandomImages(2, 24, 32);
    private readonly Tensor _labels = tensor((bool[])[true, true, false, true], [2, 2]);
    private readonly Tensor _gate = tensor((float[])[0.9f, 0.01f, 0.2f, 0.8f], [2, 2, 1, 1]);
    private readonly Tensor _maps = tensor([.. Enumerable.Range(0, 2 * 3 * 2 * 3 * 4).Select(i => (float)Math.Sin(i))], [2, 3, 2, 3, 4], ScalarType.Float32);

    public static TheoryData<string, string> Combinations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (state, entry) in from state in HostState.Names from entry in _entries.Keys select (state, entry))
            {
                data.Add(state, entry);
            }

            return data;
        }
    }

    public static TheoryData<string> States => [.. HostState.Names];

    public void Dispose()
    {
        _scope.Dispose();
        _patches.Dispose();
        _tiles.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Entry_InAnyStateOfTheHost_GivesTheSameAndLeavesTheState(string state, string entry)
    {
        var expected = _entries[entry](this);

        using var host = HostState.Enter(state);
        var actual = _entries[entry](this);

        Assert.Empty(host.Changes());
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void EntryThatThrows_LeavesTheState(string state)
    {
        using var classifier = NewClassifier();
        using var segmenter = NewSegmenter();
        using var wrong = TwoTissues.RandomImages(1, 8, 8).narrow(1, 0, 2);
        using var host = HostState.Enter(state);

        Assert.ThrowsAny<ExternalException>(() => classifier.PredictProbabilities(wrong));
        Assert.ThrowsAny<ExternalException>(() => classifier.PredictWindowProbabilities(wrong));
        Assert.ThrowsAny<ExternalException>(() => classifier.ComputeActivationMaps(wrong, ActivationLayers.Default));
        Assert.ThrowsAny<ExternalException>(() => segmenter.PredictLogits(wrong, PredictionMode.Whole));
        Assert.ThrowsAny<ExternalException>(() => segmenter.PredictMasks(wrong, gate: null, new PredictionOptions()));
        Assert.Throws<WeightMismatchException>(() => classifier.Network.LoadWeights(Saved(segmenter.Network)));
        Assert.Throws<InvalidOperationException>(() => TrainedClassifier(_ => throw new InvalidOperationException("Stop.")));

        Assert.Empty(host.Changes());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Classifier_MadeInAnyStateOfTheHost_GivesActivationMapsAfterwards(string state)
    {
        var expected = ActivationMaps(NewClassifier);
        PatchClassifier? made = null;
        using (HostState.Enter(state))
        {
            made = NewClassifier();

            // Makes the copy in 16 bits, too.
            made.PredictProbabilities(_images, Precision.BFloat16).Dispose();
        }

        Assert.Equal(expected, ActivationMaps(() => made));
    }

    [Fact]
    public void Results_OfPredictions_CanBeChangedAndLearntFrom()
    {
        using var classifier = NewClassifier();
        using var segmenter = NewSegmenter();
        Tensor[] results =
        [
            classifier.PredictProbabilities(_images),
            classifier.PredictWindowProbabilities(_images),
            classifier.ComputeActivationMaps(_images, ActivationLayers.Default),
            segmenter.PredictLogits(_images, PredictionMode.Whole),
            segmenter.PredictProbabilities(_images, gate: null, new PredictionOptions()),
        ];

        Assert.All(results, result =>
        {
            result.add_(1);
            var factor = ones(1).requires_grad_();
            result.mul(factor).sum().backward();
            Assert.NotNull(factor.grad);
        });
        segmenter.PredictMasks(_images, gate: null, new PredictionOptions()).add_(1);
    }

    [Fact]
    public async Task Trainings_AtOnceWithOneSeed_GiveWhatOneGives()
    {
        var expected = TrainedClassifier();

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(() => TrainedClassifier(name: $"{number}"))));

        Assert.All(both, weights => Assert.Equal(expected, weights));
    }

    [Fact]
    public void Progress_IsReportedInTheHostsOwnState()
    {
        Tensor? made = null;
        var seen = new HashSet<(bool, bool)>();
        using (no_grad())
        {
            TrainedClassifier(_ =>
            {
                seen.Add((is_grad_enabled(), is_inference_mode_enabled()));
                made ??= ones(1);
            });
        }

        Assert.Equal([(false, false)], seen);
        Assert.False(made!.IsInvalid);
        made.Dispose();
    }

    private static byte[] Bytes(Tensor tensor)
    {
        using (tensor)
        {
            Assert.True(tensor.dtype is ScalarType.Float32 or ScalarType.Byte, $"a result is {tensor.dtype}");
            return tensor.contiguous().bytes.ToArray();
        }
    }

    private static byte[][] Bytes(nn.Module network) => [.. network.state_dict().Values.Select(weight => weight.detach().contiguous().bytes.ToArray())];

    private static PatchClassifier NewClassifierOf(ResNet38 network)
    {
        var classifier = new PatchClassifier(network, Normalization.ImageNet, (16, 16), CPU);
        classifier.Fold();
        return classifier;
    }

    private static PatchClassifier NewClassifier() => NewClassifierOf(TwoTissues.Classifier());

    private static Segmenter NewSegmenter()
    {
        var segmenter = new Segmenter(TwoTissues.Segmenter(), Normalization.ImageNet, (16, 16), CPU);
        segmenter.Fold();
        return segmenter;
    }

    private static IEnumerable<byte[]> NewNetworks()
    {
        using var classifier = TwoTissues.Classifier();
        foreach (var weight in Bytes(classifier))
        {
            yield return weight;
        }

        foreach (var backbone in Enum.GetValues<BackboneKind>())
        {
            using var segmenter = new DeepLabV3Plus(2, new SegmenterArchitecture { Backbone = backbone, Width = 1.0 / 32 });
            foreach (var weight in Bytes(segmenter))
            {
                yield return weight;
            }
        }
    }

    private string Saved(nn.Module network)
    {
        var path = System.IO.Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.safetensors");
        network.SaveWeights(path);
        return path;
    }

    private byte[][] WrittenAndRead()
    {
        using var from = TwoTissues.Segmenter(seed: 2);
        using var to = TwoTissues.Segmenter(seed: 3);
        var path = Saved(from);
        to.LoadWeights(path);
        using var file = WeightFile.Open(path);
        return [.. Bytes(to), Bytes(file.Load("decoder.conv1.weight")), File.ReadAllBytes(path)];
    }

    private byte[][] Classified()
    {
        using var classifier = NewClassifier();
        return
        [
            Bytes(classifier.PredictProbabilities(_images)),
            Bytes(classifier.PredictProbabilities(_images, Precision.BFloat16)),
            Bytes(classifier.PredictWindowProbabilities(_images)),
        ];
    }

    private byte[][] ActivationMaps(Func<PatchClassifier> make)
    {
        using var classifier = make();
        return
        [
            Bytes(classifier.ComputeActivationMaps(_images, [.. Enum.GetValues<ActivationLayer>()])),
            Bytes(classifier.ComputeActivationMaps(_images, ActivationLayers.Default, _labels)),
            Bytes(classifier.ComputeActivationMaps(_images, ActivationLayers.Default, _labels, Precision.BFloat16)),
        ];
    }

    private byte[][] Segmented()
    {
        using var segmenter = NewSegmenter();
        var background = new PredictionOptions { Background = new BackgroundOptions(), Views = 8 };
        return
        [
            Bytes(segmenter.PredictLogits(_images, PredictionMode.Whole)),
            Bytes(segmenter.PredictLogits(_images, PredictionMode.Windows, precision: Precision.BFloat16)),
            Bytes(segmenter.PredictProbabilities(_images, _gate, background)),
            Bytes(segmenter.PredictMasks(_images, _gate, background)),
            Bytes(segmenter.PredictMasks(_images, _gate, background with { Recipe = Recipe.Reference })),
        ];
    }

    private byte[][] TrainedClassifier() => TrainedClassifier(report: null);

    private byte[][] TrainedClassifier(Action<TrainingProgress>? report = null, string name = "classifier")
    {
        using var network = TwoTissues.Classifier();
        var options = new PatchClassifierTrainingOptions
        {
            Epochs = 2,
            BatchSize = 6,
            Seed = 3,
            Attention = new() { FirstEpoch = 1 },
            Augmentation = new() { StainJitter = 0.2, BlurProbability = 0.5 },
        };
        var validation = new PatchClassifierValidation(_tiles, ActivationLayers.Default, new PseudoMaskRules(), Normalization.None, CPU);
        new PatchClassifierTrainer(network, _patches, options, Normalization.None, CPU) { Validate = validation.Score, Checkpoint = NewCheckpoint(name) }
            .Train(report is null ? null : new ProgressList(report), CancellationToken.None);
        return Bytes(network);
    }

    private byte[][] TrainedSegmenter()
    {
        using var network = TwoTissues.Segmenter();
        using var segmenter = new Segmenter(network, Normalization.None, (TwoTissues.Size, TwoTissues.Size), CPU);
        var options = new SegmenterTrainingOptions { Epochs = 2, BatchSize = 6, Seed = 3, ClassWeighting = ClassWeighting.InverseLogFrequency, Quirks = new() { IgnoredPixels = IgnoredPixelRule.ExtraChannel } };
        var validation = new SegmenterValidation(_tiles, gates: null);
        new SegmenterTrainer(network, _patches, options, Normalization.None, CPU)
        {
            Validate = _ => [new("meanIoU", validation.MeanIoU(segmenter, [(new PredictionOptions(), false)])[0])],
            Checkpoint = NewCheckpoint("segmenter"),
        }.Train(null, CancellationToken.None);
        return Bytes(network);
    }

    /// <summary>One that another run has not written to.</summary>
    private TrainingCheckpoint NewCheckpoint(string name) =>
        new(System.IO.Path.Combine(_folder.Path, $"{name}-{Guid.NewGuid():N}.checkpoint"), new CheckpointFingerprint().Add("run", "same"), TimeSpan.FromHours(1));
}
