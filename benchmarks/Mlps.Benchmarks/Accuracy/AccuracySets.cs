using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Training;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>Settings to compare: the default of <c>mlps train</c>, the same with one part taken out, and with one part added.</summary>
internal static class AccuracySets
{
    /// <summary>The name of the settings that <c>mlps train</c> has.</summary>
    public const string Default = "default";

    private static readonly Dictionary<string, Func<MultiLayerPseudoSupervisionOptions, MultiLayerPseudoSupervisionOptions>> _sets = new()
    {
        [Default] = options => options,

        // Parts taken out.
        ["random-start"] = options => options with
        {
            Classifier = options.Classifier with { InitialWeights = null },
            Segmenter = options.Segmenter with { InitialWeights = null },
        },
        ["one-view-maps"] = options => options with { Classifier = options.Classifier with { ActivationMapViews = 1 } },
        ["maximum-scaling"] = options => options with { PseudoMasks = options.PseudoMasks with { Scaling = MapScaling.PerClass } },
        ["present-scaling"] = options => options with { PseudoMasks = options.PseudoMasks with { Scaling = MapScaling.OverPresentClasses } },
        ["no-scale"] = options => Augmented(options, augmentation => augmentation with { MinimumScale = 1, MaximumScale = 1 }),
        ["no-stain-jitter"] = options => Augmented(options, augmentation => augmentation with { StainJitter = 0 }),
        ["one-layer"] = options => options with
        {
            Layers = [ActivationLayer.Layer4Block2],
        },
        ["separate-layers"] = SeparateLayers,
        ["no-mosaics"] = options => options with { Segmenter = options.Segmenter with { Training = Segmenter(options) with { MosaicSide = 1 } } },
        ["cross-entropy"] = options => options with { Segmenter = options.Segmenter with { Training = Segmenter(options) with { Loss = SegmentationLoss.CrossEntropy } } },
        ["large-batches"] = options => Batches(options, 32),
        ["published-head"] = options => options with { Segmenter = options.Segmenter with { Architecture = options.Segmenter.Architecture with { HeadWidth = 1, HeadDropout = 0.5 } } },
        ["published-rates"] = options => options with { Segmenter = options.Segmenter with { Architecture = options.Segmenter.Architecture with { AtrousRate = 6 } } },
        ["image-pooling"] = options => options with { Segmenter = options.Segmenter with { Architecture = options.Segmenter.Architecture with { ImagePooling = true } } },
        ["no-gate"] = options => options with
        {
            Segmenter = options.Segmenter with { CalibrateGate = false, Segmentation = options.Segmenter.Segmentation with { Gate = GateMode.None } },
        },

        // Parts added.
        ["longer"] = options => Longer(options, classifier: 1, segmenter: 1.5),
        ["longer-both"] = options => Longer(options, classifier: 2, segmenter: 2),
        ["smaller-batches"] = options => Batches(options, 8),
        ["classifier-stride-8"] = options => options with { Classifier = options.Classifier with { Training = Classifier(options) with { OutputStride = 8 } } },
        ["deepest-maximum"] = options => options with
        {
            Layers = [ActivationLayer.Layer4Block2],
            PseudoMasks = options.PseudoMasks with { Scaling = MapScaling.PerClass },
        },
        ["wider-head"] = options => options with { Segmenter = options.Segmenter with { Architecture = options.Segmenter.Architecture with { HeadWidth = 0.5 } } },
        ["slower"] = options => options with { Segmenter = options.Segmenter with { Training = Segmenter(options) with { Optimizer = Segmenter(options).Optimizer with { LearningRate = 0.004 } } } },
        ["eight-view-maps"] = options => options with { Classifier = options.Classifier with { ActivationMapViews = 8 } },
        ["attention"] = options => options with { Classifier = options.Classifier with { Training = Classifier(options) with { Attention = new AttentionSchedule() } } },
        ["any-angle"] = options => Augmented(options, augmentation => augmentation with { MaximumAngle = 45 }),
        ["wide-scale"] = options => Augmented(options, augmentation => augmentation with { MinimumScale = 0.75, MaximumScale = 1.5 }),
        ["agreement"] = options =>
        {
            var separate = SeparateLayers(options);
            return separate with { Segmenter = separate.Segmenter with { Training = Segmenter(separate) with { AgreementFactor = 2, DisagreementFactor = 0.5 } } };
        },
        ["averaged-weights"] = options => options with
        {
            Classifier = options.Classifier with { Training = Classifier(options) with { WeightAveraging = 0.99 } },
            Segmenter = options.Segmenter with { Training = Segmenter(options) with { WeightAveraging = 0.99 } },
        },
        ["macenko"] = options => options,
        ["reinhard"] = options => options,
        ["presence-thresholds"] = options => options with { Classifier = options.Classifier with { PresenceThresholds = PresenceThresholds.FromValidation } },
        ["stride-8"] = options => options with { Segmenter = options.Segmenter with { Training = Segmenter(options) with { OutputStride = 8 } } },
        ["stride-16"] = options => options with { Segmenter = options.Segmenter with { Architecture = options.Segmenter.Architecture with { OutputStride = 16 } } },
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> Names => _sets.Keys;

    /// <summary>The options of a name.</summary>
    /// <exception cref="UsageException">There is no such name.</exception>
    public static MultiLayerPseudoSupervisionOptions Get(string name) => _sets.TryGetValue(name, out var change)
        ? change(MultiLayerPseudoSupervisionOptions.Pretrained)
        : throw new UsageException($"No settings are called '{name}'. There are: {string.Join(", ", Names)}.");

    /// <summary>How a set normalizes stains; null where it does not.</summary>
    public static StainMethod? Stains(string name) => name switch
    {
        "macenko" => StainMethod.Macenko,
        "reinhard" => StainMethod.Reinhard,
        _ => null,
    };

    private static MultiLayerPseudoSupervisionOptions SeparateLayers(MultiLayerPseudoSupervisionOptions options) => options with
    {
        PseudoMasks = options.PseudoMasks with { FuseLayers = false },
        Segmenter = options.Segmenter with { Training = Segmenter(options) with { MaskWeights = new SegmenterTrainingOptions().MaskWeights } },
    };

    private static MultiLayerPseudoSupervisionOptions Batches(MultiLayerPseudoSupervisionOptions options, int size) => options with
    {
        Classifier = options.Classifier with { Training = Classifier(options) with { BatchSize = size } },
        Segmenter = options.Segmenter with { Training = Segmenter(options) with { BatchSize = size } },
    };

    private static MultiLayerPseudoSupervisionOptions Longer(MultiLayerPseudoSupervisionOptions options, double classifier, double segmenter) => options with
    {
        Classifier = options.Classifier with { Training = Classifier(options) with { Epochs = (int)(classifier * Classifier(options).Epochs) } },
        Segmenter = options.Segmenter with { Training = Segmenter(options) with { Epochs = (int)(segmenter * Segmenter(options).Epochs) } },
    };

    private static PatchClassifierTrainingOptions Classifier(MultiLayerPseudoSupervisionOptions options) => options.Classifier.Training!;

    private static SegmenterTrainingOptions Segmenter(MultiLayerPseudoSupervisionOptions options) => options.Segmenter.Training!;

    private static MultiLayerPseudoSupervisionOptions Augmented(MultiLayerPseudoSupervisionOptions options, Func<AugmentationOptions, AugmentationOptions> change) => options with
    {
        Classifier = options.Classifier with { Training = Classifier(options) with { Augmentation = change(Classifier(options).Augmentation) } },
        Segmenter = options.Segmenter with { Training = Segmenter(options) with { Augmentation = change(Segmenter(options).Augmentation) } },
    };
}
