using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;

namespace Mlps.ML;

/// <summary>Makes the estimators of tissue segmentation; reached as <c>ml.TissueSegmentation</c>.</summary>
public sealed class TissueSegmentationCatalog
{
    internal TissueSegmentationCatalog(MLContext context) => Context = context;

    /// <summary>The context that seed, device and log come from.</summary>
    internal MLContext Context { get; }

    /// <summary>Stage 1: learns from patch labels which tissues occur in a patch, and where it looks for them.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PatchClassifierEstimator PatchClassifier(TissueClasses classes, PatchClassifierOptions? options = null) => new(Context, classes, options);

    /// <summary>Makes masks of the classifier's activation maps and the patch labels.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator PseudoMasks(TissueClasses classes, PseudoMasksOptions? options = null) => new(Context, classes, options);

    /// <summary>Stage 2: learns from the pseudo masks to colour every pixel.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator GatedSegmenter(TissueClasses classes, GatedSegmenterOptions? options = null) => new(Context, classes, options);

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
