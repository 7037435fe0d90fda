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

/// <summary>What an application can call: predictions, trainings, networks and weight files, each on small networks.</summary>
internal sealed class LibraryEntries : IDisposable
{
    private static readonly Dictionary<string, Func<LibraryEntries, byte[][]>> _entries = new()
    {
        ["networks"] = _ => [.. CreateNetworks()],
        ["weights"] = entries => entries.WriteAndRead(),
        ["classifier"] = entries => entries.Classify(),
        ["activation maps"] = entries => entries.ComputeActivationMaps(CreateClassifier),
        ["segmenter"] = entries => entries.Segment(),
        ["pseudo masks"] = entries => [Bytes(PseudoMaskGenerator.Generate(entries._maps, entries._labels, entries._images, new PseudoMaskRules()))],
        ["classifier's training"] = entries => entries.TrainClassifier(),
        ["segmenter's training"] = entries => entries.TrainSegmenter(),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(12);
    private readonly PatchStore _tiles = TwoTissues.Store(4, maskCount: 1);
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = TwoTissues.RandomImages(2, 24, 32);
    private readonly Tensor _labels = tensor((bool[])[true, true, false, true], [2, 2]);
    private readonly Tensor _gate = tensor((float[])[0.9f, 0.01f, 0.2f, 0.8f], [2, 2, 1, 1]);
    private readonly Tensor _maps = tensor([.. Enumerable.Range(0, 2 * 3 * 2 * 3 * 4).Select(i => (float)Math.Sin(i))], [2, 3, 2, 3, 4], ScalarType.Float32);

    /// <summary>The names of all entries.</summary>
    public static IEnumerable<string> Names => _entries.Keys;

    /// <summary>Images [2, 3, 24, 32] to predict.</summary>
    public Tensor Images => _images;

    public static PatchClassifier CreateClassifier()
    {
        var classifier = new PatchClassifier(TwoTissues.Classifier(), Normalization.ImageNet, (16, 16), CPU);
        classifier.Fold();
        return classifier;
    }

    public static Segmenter CreateSegmenter()
    {
        var segmenter = new Segmenter(TwoTissues.Segmenter(), Normalization.ImageNet, (16, 16), CPU);
        segmenter.Fold();
        return segmenter;
    }

    /// <summary>The bytes of everything that an entry gives.</summary>
    public byte[][] Run(string name) => _entries[name](this);

    public string Save(nn.Module network)
    {
        var path = System.IO.Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.safetensors");
        network.SaveWeights(path);
        return path;
    }

    public byte[][] ComputeActivationMaps(Func<PatchClassifier> make)
    {
        using var classifier = make();
        return
        [
            Bytes(classifier.ComputeActivationMaps(_images, ActivationLayers.ByDepth(ClassifierEncoder.ResNet38))),
            Bytes(classifier.ComputeActivationMaps(_images, ActivationLayers.Default, _labels)),
            Bytes(classifier.ComputeActivationMaps(_images, ActivationLayers.Default, _labels, Precision.BFloat16)),
            Bytes(classifier.ComputePseudoMasks(_images, _labels, ActivationLayers.Default)),
        ];
    }

    public byte[][] TrainClassifier(Action<TrainingProgress>? report = null, string name = "classifier")
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
        new PatchClassifierTrainer(network, _patches, options, Normalization.None, CPU) { Validate = validation.Score, Checkpoint = CreateCheckpoint(name) }
            .Train(report is null ? null : new ProgressList(report), CancellationToken.None);
        return Bytes(network);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _patches.Dispose();
        _tiles.Dispose();
        _folder.Dispose();
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

    private static IEnumerable<byte[]> CreateNetworks()
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

    private byte[][] WriteAndRead()
    {
        using var from = TwoTissues.Segmenter(seed: 2);
        using var to = TwoTissues.Segmenter(seed: 3);
        var path = Save(from);
        to.LoadWeights(path);
        using var file = WeightFile.Open(path);
        return [.. Bytes(to), Bytes(file.Load("decoder.conv1.weight")), File.ReadAllBytes(path)];
    }

    private byte[][] Classify()
    {
        using var classifier = CreateClassifier();
        return
        [
            Bytes(classifier.PredictProbabilities(_images)),
            Bytes(classifier.PredictProbabilities(_images, Precision.BFloat16)),
            Bytes(classifier.PredictWindowProbabilities(_images)),
        ];
    }

    private byte[][] Segment()
    {
        using var segmenter = CreateSegmenter();
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

    private byte[][] TrainSegmenter()
    {
        using var network = TwoTissues.Segmenter();
        using var segmenter = new Segmenter(network, Normalization.None, (TwoTissues.Size, TwoTissues.Size), CPU);
        var options = new SegmenterTrainingOptions { Epochs = 2, BatchSize = 6, Seed = 3, ClassWeighting = ClassWeighting.InverseLogFrequency, Quirks = new() { IgnoredPixels = IgnoredPixelRule.ExtraChannel } };
        var validation = new SegmenterValidation(_tiles, gates: null);
        new SegmenterTrainer(network, _patches, options, Normalization.None, CPU)
        {
            Validate = _ => [new("meanIoU", validation.MeanIoU(segmenter, [(new PredictionOptions(), false)])[0])],
            Checkpoint = CreateCheckpoint("segmenter"),
        }.Train(null, CancellationToken.None);
        return Bytes(network);
    }

    /// <summary>One that another run has not written to.</summary>
    private TrainingCheckpoint CreateCheckpoint(string name) =>
        new(System.IO.Path.Combine(_folder.Path, $"{name}-{Guid.NewGuid():N}.checkpoint"), new CheckpointFingerprint().Add("run", "same"), TimeSpan.FromHours(1));
}
