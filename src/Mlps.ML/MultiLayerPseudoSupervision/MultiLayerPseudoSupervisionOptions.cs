using System.Runtime.CompilerServices;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;

namespace Mlps.ML;

/// <summary>Options of <see cref="MultiLayerPseudoSupervisionEstimator"/>, the whole method.</summary>
/// <remarks>What its stages share is given once, here.</remarks>
public sealed record MultiLayerPseudoSupervisionOptions
{
    /// <summary>The method on ResNet-18 encoders that start from ML.NET's pretrained weights, which two CPU cores can train.</summary>
    /// <remarks>Needs a reference to the package <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c> while it trains; the trained model needs neither package nor file. docs/accuracy.md has what each part is worth.</remarks>
    /// <exception cref="FileNotFoundException">The application does not reference the package.</exception>
    public static MultiLayerPseudoSupervisionOptions Pretrained => new()
    {
        Classifier = PatchClassifierOptions.Pretrained,
        PseudoMasks = PseudoMasksOptions.Pretrained with { Layers = new PseudoMasksOptions().Layers },
        Segmenter = GatedSegmenterOptions.Pretrained with { PseudoMaskColumnNames = new GatedSegmenterOptions().PseudoMaskColumnNames },
    };

    /// <summary>Whether all stages follow the published code, including its known bugs, or this library's corrected version of it.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>The layers that pseudo masks come from, deepest last; null for the method's three.</summary>
    /// <remarks>Each has a weight in the segmenter's loss.</remarks>
    public IReadOnlyList<ActivationLayer>? Layers { get; init; }

    /// <summary>Validation, checkpoints, logs, progress and cancellation of both trained stages.</summary>
    public TrainingRunOptions Run { get; init; } = new();

    /// <summary>Options of stage 1.</summary>
    /// <remarks>Its recipe, layers and run options are taken from these options, and need not be set.</remarks>
    public PatchClassifierOptions Classifier { get; init; } = new();

    /// <summary>Options of the pseudo masks.</summary>
    /// <remarks>Recipe, layers and column names are taken from these options and the classifier's, and need not be set.</remarks>
    public PseudoMasksOptions PseudoMasks { get; init; } = new();

    /// <summary>Options of stage 2.</summary>
    /// <remarks>Its recipe, pseudo mask columns and run options are taken from these options, and need not be set.</remarks>
    public GatedSegmenterOptions Segmenter { get; init; } = new();

    /// <summary>The three stages' own options, which agree.</summary>
    /// <exception cref="ArgumentException">A stage was given something else than these options say.</exception>
    internal (PatchClassifierOptions Classifier, PseudoMasksOptions PseudoMasks, GatedSegmenterOptions Segmenter) Resolve()
    {
        var (classifier, masks, segmenter) = (new PatchClassifierOptions(), new PseudoMasksOptions(), new GatedSegmenterOptions());
        var layers = Layers ?? ActivationLayers.DefaultOf(Classifier.Encoder);
        Agree(Classifier.Recipe, classifier.Recipe, Recipe);
        Agree(PseudoMasks.Recipe, masks.Recipe, Recipe);
        Agree(Segmenter.Recipe, segmenter.Recipe, Recipe);
        Agree(Text(Classifier.Layers ?? layers), Text(layers), Text(layers), "Classifier.Layers", nameof(Layers));
        Agree(Text(PseudoMasks.Layers), Text(masks.Layers), Text(layers), "PseudoMasks.Layers", nameof(Layers));
        Agree(Classifier.ValidationMapScaling, classifier.ValidationMapScaling, PseudoMasks.Scaling);
        Agree(Classifier.Run, classifier.Run, Run);
        Agree(Segmenter.Run, segmenter.Run, Run);
        Agree(PseudoMasks.ImageColumnName, masks.ImageColumnName, Classifier.ImageColumnName);
        Agree(Segmenter.ImageColumnName, segmenter.ImageColumnName, Classifier.ImageColumnName);
        Agree(PseudoMasks.LabelColumnName, masks.LabelColumnName, Classifier.LabelColumnName);
        Agree(PseudoMasks.ProbabilityColumnName, masks.ProbabilityColumnName, Classifier.ProbabilityColumnName);
        Agree(Segmenter.ProbabilityColumnName, segmenter.ProbabilityColumnName, Classifier.ProbabilityColumnName);
        Agree(PseudoMasks.GateProbabilityColumnName, masks.GateProbabilityColumnName, Classifier.GateProbabilityColumnName);
        Agree(Segmenter.GateProbabilityColumnName, segmenter.GateProbabilityColumnName, Classifier.GateProbabilityColumnName);
        Agree(Segmenter.MaskColumnName, segmenter.MaskColumnName, Classifier.MaskColumnName);
        Agree(PseudoMasks.ActivationMapsColumnName, masks.ActivationMapsColumnName, Classifier.ActivationMapsColumnName);
        masks = PseudoMasks with
        {
            Recipe = Recipe,
            Layers = layers,
            ImageColumnName = Classifier.ImageColumnName,
            LabelColumnName = Classifier.LabelColumnName,
            ProbabilityColumnName = Classifier.ProbabilityColumnName,
            GateProbabilityColumnName = Classifier.GateProbabilityColumnName,
            ActivationMapsColumnName = Classifier.ActivationMapsColumnName,
        };
        Agree(Text(Segmenter.PseudoMaskColumnNames), Text(segmenter.PseudoMaskColumnNames), Text(masks.OutputColumnNames), "Segmenter.PseudoMaskColumnNames", nameof(PseudoMasks));
        return (
            Classifier with { Recipe = Recipe, Layers = layers, Run = Run, ValidationMapScaling = PseudoMasks.Scaling },
            masks,
            Segmenter with
            {
                Recipe = Recipe,
                Run = Run,
                ImageColumnName = Classifier.ImageColumnName,
                ProbabilityColumnName = Classifier.ProbabilityColumnName,
                GateProbabilityColumnName = Classifier.GateProbabilityColumnName,
                PseudoMaskColumnNames = masks.OutputColumnNames,
                MaskColumnName = Classifier.MaskColumnName,
            });
    }

    private static string Text<T>(IEnumerable<T> values) => string.Join(", ", values);

    /// <summary>A stage's value must be its default or the shared one.</summary>
    private static void Agree<T>(
        T given, T unset, T shared, [CallerArgumentExpression(nameof(given))] string name = "", [CallerArgumentExpression(nameof(shared))] string source = "")
    {
        var comparer = EqualityComparer<T>.Default;
        if (!comparer.Equals(given, unset) && !comparer.Equals(given, shared))
        {
            throw new ArgumentException($"{name} is {given}, and {source} is {shared}; set {source} alone, all stages take it from there.");
        }
    }
}
