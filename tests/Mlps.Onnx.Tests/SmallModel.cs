using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Onnx.Tests;

/// <summary>A chain of two narrow networks that were trained a little on synthetic tissue.</summary>
internal sealed class SmallModel : IDisposable
{
    public const int Patch = 64;

    private const int BatchSize = 4;
    private static readonly Lazy<SmallModel> _shared = new(() => new SmallModel());

    public SmallModel(
        ClassifierEncoder encoder = ClassifierEncoder.ResNet18,
        BackboneKind backbone = BackboneKind.Compact,
        double width = 0.125,
        int outputStride = 16,
        Normalization normalization = Normalization.ImageNet,
        SegmentationOptions? segmentation = null,
        IReadOnlyList<double>? thresholds = null,
        TissueClasses? classes = null,
        bool overlapGateWindows = true,
        int classifierPatch = Patch,
        int steps = 8)
    {
        classes ??= Classes;
        var record = new TrainingRecord
        {
            Options = new Dictionary<string, string>(),
            Seed = 1,
            DataDigest = "none",
            Classes = classes.Names,
            Versions = new Dictionary<string, string>(),
            Epochs = [],
        };
        var classifierOptions = new PatchClassifierOptions { Encoder = encoder, Width = width, Normalization = Normalization.ImageNet, OverlapGateWindows = overlapGateWindows };
        var patchClassifier = new PatchClassifier(
            Trained(ClassifierNetwork.Create(encoder, classes.Count, width, seed: 3), LossOfPatches, classes.Count, steps), classifierOptions.Normalization, (classifierPatch, classifierPatch), CPU);
        Classifier = new(Context, patchClassifier, PatchClassifierModel.From(classifierOptions, patchClassifier, classes, record, thresholds));

        var segmenterOptions = new GatedSegmenterOptions
        {
            // The pyramid of the pretrained start sees no mean over the image.
            Architecture = new() { Backbone = backbone, Width = width, OutputStride = outputStride, ImagePooling = backbone is not BackboneKind.ResNet18 || outputStride == 16 },
            Normalization = normalization,
            MicronsPerPixel = 0.5,
        };
        var segmenter = new Segmenter(Trained(new DeepLabV3Plus(classes.Count, segmenterOptions.Architecture, seed: 5), LossOfPixels, classes.Count, steps), normalization, (Patch, Patch), CPU);
        segmenter.Fold();
        Segmenter = new(Context, segmenter, GatedSegmenterModel.From(segmenterOptions, segmenter, segmentation ?? new(), classes, record));
        Chain = new TransformerChain<ITransformer>(Classifier, Segmenter);
    }

    /// <summary>A model for all tests that need just one; nobody disposes it.</summary>
    public static SmallModel Shared => _shared.Value;

    /// <summary>The tissues of models, where nothing else is said.</summary>
    public static TissueClasses Classes => TissueClasses.LuadHistoSeg;

    public MLContext Context { get; } = new(seed: 1);

    public PatchClassifierTransformer Classifier { get; }

    public GatedSegmenterTransformer Segmenter { get; }

    public ITransformer Chain { get; }

    public void Dispose()
    {
        ((IDisposable)Segmenter).Dispose();
        ((IDisposable)Classifier).Dispose();
    }

    private static T Trained<T>(T network, Func<Tensor, Tensor, int, Tensor> loss, int classCount, int steps)
        where T : nn.Module<Tensor, Tensor>
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var images = Normalization.ImageNet.Apply(SmallTissue.Images(2 * BatchSize, Patch, Patch).ToUnitRange());
        var masks = SmallTissue.Masks(2 * BatchSize, Patch);
        using var optimizer = optim.SGD(network.parameters().Where(parameter => parameter.requires_grad), learningRate: 0.02, momentum: 0.9);

        // The process's generator would give each run, and each order of tests, another network.
        using var dropout = new DropoutSource(seed: 1);
        SeededDropout.DrawFrom(network, dropout);
        network.train();
        for (var step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            dropout.StartStep(step);
            optimizer.zero_grad();
            var first = step % 2 * BatchSize;
            loss(network.forward(images.narrow(0, first, BatchSize)), masks.narrow(0, first, BatchSize), classCount).backward();
            optimizer.step();
        }

        SeededDropout.DrawFrom(network, source: null);
        network.eval();
        return network;
    }

    /// <summary>Binary cross-entropy of logits [N, C].</summary>
    private static Tensor LossOfPatches(Tensor logits, Tensor masks, int classCount)
    {
        var labels = stack(Enumerable.Range(0, classCount).Select(tissue => masks.eq(tissue).flatten(1).any(1)), 1).to(ScalarType.Float32);
        return nn.functional.binary_cross_entropy_with_logits(logits, labels);
    }

    /// <summary>Cross-entropy of logits [N, C, H, W]; white slide is left out.</summary>
    private static Tensor LossOfPixels(Tensor logits, Tensor masks, int classCount) =>
        nn.functional.cross_entropy(logits, masks.masked_fill(masks.ge(classCount), -100), ignore_index: -100);
}
