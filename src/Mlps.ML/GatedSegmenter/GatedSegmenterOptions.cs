using Microsoft.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>Options of <see cref="GatedSegmenterEstimator"/>, the method's second stage.</summary>
public sealed record GatedSegmenterOptions
{
    /// <summary>Input: images; of one size when training.</summary>
    public string ImageColumnName { get; init; } = TissueColumns.Image;

    /// <summary>Inputs when training: Vector of Byte [H, W], one pseudo mask for each weight of the loss, deepest layer last.</summary>
    public IReadOnlyList<string> PseudoMaskColumnNames { get; init; } = [.. ActivationLayers.Default.Select(layer => TissueColumns.PseudoMaskPrefix + layer.Name())];

    /// <summary>Input: Vector of Single [C], for a gate over the whole image.</summary>
    public string ProbabilityColumnName { get; init; } = TissueColumns.Probability;

    /// <summary>Input: Vector of Single [C, h, w], for a gate in windows.</summary>
    public string GateProbabilityColumnName { get; init; } = TissueColumns.GateProbability;

    /// <summary>Output: Vector of Byte [H, W], the class of each pixel.</summary>
    public string PredictedMaskColumnName { get; init; } = TissueColumns.PredictedMask;

    /// <summary>Output: Vector of Single [C, H, W], the probability of each class at each pixel.</summary>
    public string PixelProbabilityColumnName { get; init; } = TissueColumns.PixelProbability;

    /// <summary>Whether to follow the published code, slips included, or this library's mended version of it.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>Backbone, output stride and width.</summary>
    public SegmenterArchitecture Architecture { get; init; } = new();

    /// <summary>
    /// A file of weights to start from (safetensors, PyTorch .pth), of the whole network or of its backbone alone, as trained on ImageNet; null for random ones. The last layer
    /// starts anew where its class count differs.
    /// </summary>
    public string? InitialWeights { get; init; }

    /// <summary>Whether the last layer comes from <see cref="InitialWeights"/> too, where its class count fits; false starts it anew.</summary>
    public bool InitialHead { get; init; } = true;

    /// <summary>What is done to intensities before the network sees them; kept with the model.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>The training; null for the recipe's own.</summary>
    public SegmenterTrainingOptions? Training { get; init; }

    /// <summary>
    /// A table with images and a column Mask to choose the best epoch, the way of prediction and the gate's threshold by; null to keep the last epoch. The columns of
    /// earlier stages are made for it, where the training table came through them.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// Without a validation set: the share of the training patches, in [0, 1), that is held out to choose the best epoch by, scored against their last pseudo mask, as no truth is known.
    /// Whole sources are held out, by the table's column Source; the same ones in both stages.
    /// </summary>
    public double ValidationFraction { get; init; }

    /// <summary>The validation set's Vector of Byte [H, W] with the true classes.</summary>
    public string MaskColumnName { get; init; } = TissueColumns.Mask;

    /// <summary>How images larger than the training patches are predicted; null for the way that scores best on the validation set, or windows where there is none.</summary>
    public PredictionMode? Prediction { get; init; }

    /// <summary>
    /// Mirror images and quarter turns that predictions are averaged over: 1, 2, 4 or 8. More are better and cost as many times as much; validation after each epoch uses one.
    /// </summary>
    public int Views { get; init; } = 1;

    /// <summary>Where the gate is computed.</summary>
    public GateMode Gate { get; init; } = GateMode.Windows;

    /// <summary>A class passes the gate when the classifier's probability is strictly above this, in [0, 1].</summary>
    public double GateThreshold { get; init; } = 0.1;

    /// <summary>Whether the threshold is chosen anew by the score on the validation set, where there is one; 0, an open gate, is among the choices.</summary>
    public bool CalibrateGate { get; init; }

    /// <summary>What is marked as background in predicted masks, or null to mark none: the segmenter itself never predicts background.</summary>
    public BackgroundOptions? PredictedBackground { get; init; }

    /// <summary>What the trained segmenter computes with when it predicts; validation and training use 32 bits.</summary>
    public Precision Precision { get; init; }

    /// <summary>Images that are scored in one pass of the network; at least 1.</summary>
    public int ScoringBatchSize { get; init; } = 8;

    /// <summary>
    /// Folder in which the run is kept while it goes on: a run that was stopped or killed, started again with the same options and data, goes on from there and ends as if it had not been. A
    /// finished one is not run again. Null to keep nothing.
    /// </summary>
    public string? CheckpointDirectory { get; init; }

    /// <summary>Time between checkpoints within an epoch; there is one at the end of each epoch in any case. Above 0.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Folder for a JSON-lines file of every step and for TensorBoard's event files, or null for none.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Told after every step and epoch, or null.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training after the current step; the checkpoint then holds it.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The training that is meant: the one given, or the recipe's own.</summary>
    internal SegmenterTrainingOptions EffectiveTraining =>
        Training ?? (Recipe is Recipe.Reference ? SegmenterTrainingOptions.Reference : new SegmenterTrainingOptions());

    /// <summary>The column that the gate is read from, or null for no gate.</summary>
    internal InputColumn? GateColumn => Gate switch
    {
        GateMode.None => null,
        GateMode.Whole => InputColumn.Vector<float>(ProbabilityColumnName),
        _ => InputColumn.Vector<float>(GateProbabilityColumnName),
    };

    /// <summary>How the segmenter is asked, with a way of prediction.</summary>
    internal SegmentationOptions Asking(PredictionMode prediction) =>
        new() { Prediction = prediction, Views = Views, Gate = Gate, GateThreshold = GateThreshold, Recipe = Recipe, Background = PredictedBackground, Precision = Precision };

    internal TrainingKeeping Keeping => new(CheckpointDirectory, CheckpointInterval, LogDirectory);

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, PredictedMaskColumnName, PixelProbabilityColumnName, MaskColumnName);

        // The true mask may be among the masks to learn from: that is training with full supervision.
        OptionChecks.ColumnNames([ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, PredictedMaskColumnName, PixelProbabilityColumnName, .. PseudoMaskColumnNames]);
        Guard.Defined(Recipe);
        Guard.Defined(Gate);
        if (Prediction is { } prediction)
        {
            Guard.Defined(prediction, nameof(Prediction));
        }

        Asking(default).Check();
        Guard.AtLeast(ScoringBatchSize, 1);
        Architecture.Check();
        OptionChecks.Validation(ValidationSet, ValidationFraction);
        Guard.Positive(CheckpointInterval.TotalSeconds, nameof(CheckpointInterval));
        EffectiveTraining.Check();
        if (PseudoMaskColumnNames.Count != EffectiveTraining.MaskWeights.Count)
        {
            throw new ArgumentException($"There are {PseudoMaskColumnNames.Count} PseudoMaskColumnNames for {EffectiveTraining.MaskWeights.Count} MaskWeights; each mask needs one.");
        }
    }
}
