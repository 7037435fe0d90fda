using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;

namespace Mlps.ML;

/// <summary>Makes the estimators of tissue segmentation; reached as <c>ml.TissueSegmentation</c>.</summary>
public sealed class TissueSegmentationCatalog
{
    internal TissueSegmentationCatalog(MLContext context) => Context = context;

    /// <summary>The context that seed, device and log come from.</summary>
    internal MLContext Context { get; }

    /// <summary>Gives images the stains of a reference, in the place of the images themselves.</summary>
    /// <param name="options">Options, or null for the defaults: Macenko's method, and the table's own images as the reference.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public StainNormalizationEstimator NormalizeStains(StainNormalizationOptions? options = null) => new(Context, options);

    /// <summary>Gives images the stains of a reference, with the names of the columns.</summary>
    /// <param name="outputColumnName">Output: images of the same sizes.</param>
    /// <param name="inputColumnName">Input: images.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public StainNormalizationEstimator NormalizeStains(string outputColumnName, string inputColumnName = TissueColumns.Image, StainNormalizationOptions? options = null) =>
        new(Context, (options ?? new()) with { OutputColumnName = outputColumnName, InputColumnName = inputColumnName });

    /// <summary>The whole method: classifier, pseudo masks and gated segmenter as one estimator.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults: the published networks, which want a GPU.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a stage's option disagrees with what the stages share.</exception>
    public MultiLayerPseudoSupervisionEstimator MultiLayerPseudoSupervision(TissueClasses classes, MultiLayerPseudoSupervisionOptions? options = null) => new(Context, classes, options);

    /// <summary>Stage 1: learns from patch labels which tissues occur in a patch, and where it looks for them.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PatchClassifierEstimator PatchClassifier(TissueClasses classes, PatchClassifierOptions? options = null) => new(Context, classes, options);

    /// <summary>Stage 1, with the names of its main columns.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="outputColumnName">Output: Vector of Single [C], the probability of each tissue in the whole image.</param>
    /// <param name="inputColumnName">Input: images.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PatchClassifierEstimator PatchClassifier(TissueClasses classes, string outputColumnName, string inputColumnName = TissueColumns.Image, PatchClassifierOptions? options = null) =>
        new(Context, classes, (options ?? new()) with { ProbabilityColumnName = outputColumnName, ImageColumnName = inputColumnName });

    /// <summary>Makes masks of the classifier's activation maps and the patch labels.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator PseudoMasks(TissueClasses classes, PseudoMasksOptions? options = null) => new(Context, classes, options);

    /// <summary>Makes masks, with the names of the main columns.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="outputColumnPrefix">Outputs: this and the name of each layer, Vector of Byte [H, W].</param>
    /// <param name="inputColumnName">Input: the activation maps, Vector of Single [L, C, h, w].</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator PseudoMasks(TissueClasses classes, string outputColumnPrefix, string inputColumnName = TissueColumns.ActivationMaps, PseudoMasksOptions? options = null) =>
        new(Context, classes, (options ?? new()) with { OutputColumnPrefix = outputColumnPrefix, ActivationMapsColumnName = inputColumnName });

    /// <summary>Stage 2: learns from the pseudo masks to colour every pixel.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator GatedSegmenter(TissueClasses classes, GatedSegmenterOptions? options = null) => new(Context, classes, options);

    /// <summary>Stage 2, with the names of its main columns.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="outputColumnName">Output: Vector of Byte [H, W], the class of each pixel.</param>
    /// <param name="inputColumnName">Input: images.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator GatedSegmenter(TissueClasses classes, string outputColumnName, string inputColumnName = TissueColumns.Image, GatedSegmenterOptions? options = null) =>
        new(Context, classes, (options ?? new()) with { PredictedMaskColumnName = outputColumnName, ImageColumnName = inputColumnName });

    /// <summary>Scores predicted masks against true ones, one row at a time, under protocols A and B.</summary>
    /// <param name="predicted">A table with both columns.</param>
    /// <param name="maskColumnName">Vector of Byte [H, W]: the true class of each pixel.</param>
    /// <param name="predictedMaskColumnName">Vector of Byte [H, W]: the predicted class of each pixel.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Reached through the context, as ML.NET's own evaluators are.")]
    public SegmentationMetrics Evaluate(
        IDataView predicted,
        string maskColumnName = TissueColumns.Mask,
        string predictedMaskColumnName = TissueColumns.PredictedMask) =>
        SegmentationEvaluator.Evaluate(predicted, maskColumnName, predictedMaskColumnName);
}
