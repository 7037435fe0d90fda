using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Mlps.ML.Stages;

namespace Mlps.ML;

/// <summary>Makes the estimators of tissue segmentation; reached as <c>ml.TissueSegmentation</c>.</summary>
public sealed class TissueSegmentationCatalog
{
    internal TissueSegmentationCatalog(MLContext context) => Context = context;

    /// <summary>The context that seed, device and log come from.</summary>
    internal MLContext Context { get; }

    /// <summary>Loads a model file, after looking at all of it: the way to load a file from somebody else.</summary>
    /// <remarks>
    /// <para>
    /// Before ML.NET reads anything, every part is checked: names, depth, lengths once unpacked, checksums, and that only stages of this library and row mappers of ML.NET are to be made.
    /// Options are checked as if they had been set in code, and weights are compared with the network before it is made. <c>ml.Model.Load</c> does only the last two.
    /// </para>
    /// <para>The model is not known to be the one that somebody meant to send: checksums tell of damage, not of authors. Load models that you trust.</para>
    /// </remarks>
    /// <param name="path">A file that <c>ml.Model.Save</c> wrote.</param>
    /// <param name="options">What is accepted, or null for the defaults.</param>
    /// <returns>The model, which holds native memory; dispose it.</returns>
    /// <exception cref="TissueDataException">The file is damaged, made to do harm, holds other components, or is no model. The message says where.</exception>
    /// <exception cref="IOException">The file cannot be read, or temporary files cannot be written.</exception>
    public ITransformer LoadModel(string path, ModelLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStatus.RequireNotSpecial(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return GuardedModel.Load(Context, stream, path, options ?? new());
    }

    /// <summary>Loads a model from a stream, as <see cref="LoadModel(string, ModelLoadOptions?)"/> loads a file.</summary>
    /// <param name="stream">The file from its beginning. It must be able to seek, and stays open.</param>
    /// <param name="options">What is accepted, or null for the defaults.</param>
    /// <returns>The model, which holds native memory; dispose it.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="TissueDataException">The file is damaged, made to do harm, holds other components, or is no model. The message says where.</exception>
    /// <exception cref="IOException">The stream cannot be read, or temporary files cannot be written.</exception>
    public ITransformer LoadModel(Stream stream, ModelLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            throw new ArgumentException("The stream cannot seek; copy it to a file or to memory first.", nameof(stream));
        }

        return GuardedModel.Load(Context, stream, "The model", options ?? new());
    }

    /// <summary>Gives images the stains of a reference, in the place of the images themselves.</summary>
    /// <param name="options">Options, or null for the defaults: Macenko's method, and the table's own images as the reference.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public StainNormalizationEstimator NormalizeStains(StainNormalizationOptions? options = null) => new(Context, options);

    /// <summary>Gives images the stains of a reference, with the names of the columns.</summary>
    /// <param name="outputColumnName">Output: images of the same sizes.</param>
    /// <param name="inputColumnName">Input: images; null for the column that the options name.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public StainNormalizationEstimator NormalizeStains(string outputColumnName, string? inputColumnName = null, StainNormalizationOptions? options = null) =>
        new(Context, (options ??= new()) with { OutputColumnName = outputColumnName, InputColumnName = inputColumnName ?? options.InputColumnName });

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
    /// <param name="inputColumnName">Input: images; null for the column that the options name.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PatchClassifierEstimator PatchClassifier(TissueClasses classes, string outputColumnName, string? inputColumnName = null, PatchClassifierOptions? options = null) =>
        new(Context, classes, (options ??= new()) with { ProbabilityColumnName = outputColumnName, ImageColumnName = inputColumnName ?? options.ImageColumnName });

    /// <summary>Makes masks of the classifier's activation maps and the patch labels.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator PseudoMasks(TissueClasses classes, PseudoMasksOptions? options = null) => new(Context, classes, options);

    /// <summary>Makes masks, with the names of the main columns.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="outputColumnPrefix">Outputs: this and the name of each layer, Vector of Byte [H, W].</param>
    /// <param name="inputColumnName">Input: the activation maps, Vector of Single [L, C, h, w]; null for the column that the options name.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator PseudoMasks(TissueClasses classes, string outputColumnPrefix, string? inputColumnName = null, PseudoMasksOptions? options = null) =>
        new(Context, classes, (options ??= new()) with { OutputColumnPrefix = outputColumnPrefix, ActivationMapsColumnName = inputColumnName ?? options.ActivationMapsColumnName });

    /// <summary>Stage 2: learns from the pseudo masks to colour every pixel.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator GatedSegmenter(TissueClasses classes, GatedSegmenterOptions? options = null) => new(Context, classes, options);

    /// <summary>Stage 2, with the names of its main columns.</summary>
    /// <param name="classes">The tissues.</param>
    /// <param name="outputColumnName">Output: Vector of Byte [H, W], the class of each pixel.</param>
    /// <param name="inputColumnName">Input: images; null for the column that the options name.</param>
    /// <param name="options">The other options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator GatedSegmenter(TissueClasses classes, string outputColumnName, string? inputColumnName = null, GatedSegmenterOptions? options = null) =>
        new(Context, classes, (options ??= new()) with { PredictedMaskColumnName = outputColumnName, ImageColumnName = inputColumnName ?? options.ImageColumnName });

    /// <summary>Scores predicted masks against true ones, one row at a time, under protocols A and B.</summary>
    /// <param name="predicted">A table with both columns.</param>
    /// <param name="maskColumnName">Vector of Byte [H, W]: the true class of each pixel.</param>
    /// <param name="predictedMaskColumnName">Vector of Byte [H, W]: the predicted class of each pixel.</param>
    /// <param name="classNames">Names of the tissues; null to take them from the columns' <c>Classes</c> annotation, which this library's own tables have.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The names of the tissues are missing, repeated, or not the same for both columns.</exception>
    /// <exception cref="InvalidOperationException">The masks of a row differ in length, or hold an index out of range.</exception>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Reached through the context, as ML.NET's own evaluators are.")]
    public SegmentationMetrics Evaluate(
        IDataView predicted,
        string maskColumnName = TissueColumns.Mask,
        string predictedMaskColumnName = TissueColumns.PredictedMask,
        IReadOnlyList<string>? classNames = null) =>
        SegmentationEvaluator.Evaluate(predicted, maskColumnName, predictedMaskColumnName, classNames);
}
