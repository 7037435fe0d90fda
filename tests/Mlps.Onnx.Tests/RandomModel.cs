using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Onnx.Tests;

/// <summary>A chain of two narrow networks that never learned, with BatchNorms that fit their features.</summary>
internal sealed class RandomModel : IDisposable
{
    public const int Patch = 64;

    private const int Passes = 20;

    public RandomModel(
        ClassifierEncoder encoder = ClassifierEncoder.ResNet18,
        BackboneKind backbone = BackboneKind.Compact,
        double width = 0.125,
        int outputStride = 16,
        Normalization normalization = Normalization.ImageNet,
        SegmentationOptions? segmentation = null,
        IReadOnlyList<double>? thresholds = null,
        TissueClasses? classes = null)
    {
        classes ??= TissueClasses.LuadHistoSeg;
        var record = new TrainingRecord
        {
            Options = new Dictionary<string, string>(),
            Seed = 1,
            DataDigest = "none",
            Classes = classes.Names,
            Versions = new Dictionary<string, string>(),
            Epochs = [],
        };
        var classifierOptions = new PatchClassifierOptions { Encoder = encoder, Width = width, Normalization = Normalization.ImageNet };
        var patchClassifier = new PatchClassifier(Settled(ClassifierNetwork.Create(encoder, classes.Count, width, seed: 3)), classifierOptions.Normalization, (Patch, Patch), CPU);
        Classifier = new(Context, patchClassifier, PatchClassifierModel.From(classifierOptions, patchClassifier, classes, record, thresholds));

        var segmenterOptions = new GatedSegmenterOptions
        {
            // The pyramid of the pretrained start sees no mean over the image.
            Architecture = new() { Backbone = backbone, Width = width, OutputStride = outputStride, ImagePooling = backbone is not BackboneKind.ResNet18 || outputStride == 16 },
            Normalization = normalization,
            MicronsPerPixel = 0.5,
        };
        var segmenter = new Segmenter(Settled(new DeepLabV3Plus(classes.Count, segmenterOptions.Architecture, seed: 5)), normalization, (Patch, Patch), CPU);
        segmenter.Fold();
        Segmenter = new(Context, segmenter, GatedSegmenterModel.From(segmenterOptions, segmenter, segmentation ?? new(), classes, record));
        Chain = new TransformerChain<ITransformer>(Classifier, Segmenter);
    }

    public MLContext Context { get; } = new(seed: 1);

    public PatchClassifierTransformer Classifier { get; }

    public GatedSegmenterTransformer Segmenter { get; }

    public ITransformer Chain { get; }

    /// <summary>Bytes [N, 3, H, W].</summary>
    public static Tensor Images(int count, int height, int width, int seed = 7)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);

        // Coarse blots under fine noise.
        var blots = nn.functional.interpolate(rand([count, 3, 5, 5], generator: generator), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: true);
        return blots.mul(200).add(rand([count, 3, height, width], generator: generator).mul(55)).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        ((IDisposable)Segmenter).Dispose();
        ((IDisposable)Classifier).Dispose();
    }

    /// <summary>Draws scales and shifts of BatchNorms, and lets them see images until their statistics fit.</summary>
    private static T Settled<T>(T network)
        where T : nn.Module<Tensor, Tensor>
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(11, CPU);
        foreach (var norm in network.modules().OfType<BatchNorm2d>())
        {
            norm.weight!.copy_(rand(norm.weight.shape, generator: generator).add(0.5));
            norm.bias!.copy_(randn(norm.bias.shape, generator: generator).mul(0.2));
        }

        network.train();
        for (var pass = 0; pass < Passes; pass++)
        {
            using var inner = NewDisposeScope();
            network.forward(Normalization.ImageNet.Apply(Images(4, Patch, Patch, pass).ToUnitRange()));
        }

        network.eval();
        return network;
    }
}
