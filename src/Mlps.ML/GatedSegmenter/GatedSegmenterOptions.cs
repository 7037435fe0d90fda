using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;

namespace Mlps.ML;

/// <summary>Options of <see cref="GatedSegmenterEstimator"/>, the method's second stage.</summary>
public sealed record GatedSegmenterOptions
{
    /// <summary>DeepLab v3+ on a ResNet-18 that starts from ML.NET's pretrained weights.</summary>
    /// <remarks>Needs a reference to the package <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c> while it trains; the trained model needs neither package nor file.</remarks>
    /// <exception cref="FileNotFoundException">The application does not reference the package.</exception>
    public static GatedSegmenterOptions Pretrained => new()
    {
        Architecture = new() { Backbone = BackboneKind.ResNet18, OutputStride = 8, AtrousRate = 1, ImagePooling = false, HeadWidth = 0.25, HeadDropout = 0.1 },
        InitialWeights = PretrainedWeights.ResNet18,
        Normalization = Normalization.BlueGreenRed,
        PseudoMaskColumnNames = PseudoMasksOptions.Pretrained.OutputColumnNames,
        Training = SegmenterTrainingOptions.Pretrained,
        CalibrateGate = true,
    };

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

    /// <summary>Output: Vector of Single [H, W], how uncertain the prediction of each pixel is, from 0 to 1; see <see cref="Mlps.Torch.Inference.PredictionOptions.Uncertainty"/>.</summary>
    public string PixelUncertaintyColumnName { get; init; } = TissueColumns.PixelUncertainty;

    /// <summary>Whether to follow the published code, including its known bugs, or this library's corrected version of it.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>Backbone, output stride and width.</summary>
    public SegmenterArchitecture Architecture { get; init; } = new();

    /// <summary>A file of weights to start from (safetensors, PyTorch .pth, ONNX), of the whole network or of its backbone alone, as trained on ImageNet; null for random ones.</summary>
    /// <remarks>The last layer starts anew where its class count differs.</remarks>
    public string? InitialWeights { get; init; }

    /// <summary>Whether the last layer comes from <see cref="InitialWeights"/> too, where its class count fits; false starts it anew.</summary>
    public bool InitialHead { get; init; } = true;

    /// <summary>What is done to intensities before the network sees them; kept with the model.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>The size of the patches' pixels in µm, above 0; null where it is unknown.</summary>
    /// <remarks>It is kept with the model, so that whole slides are read at it.</remarks>
    public double? MicronsPerPixel { get; init; }

    /// <summary>The training; null for the recipe's own.</summary>
    public SegmenterTrainingOptions? Training { get; init; }

    /// <summary>The validation set's Vector of Byte [H, W] with the true classes.</summary>
    public string MaskColumnName { get; init; } = TissueColumns.Mask;

    /// <summary>How the trained segmenter predicts and gates.</summary>
    /// <remarks>Its recipe is that of these options; validation after each epoch uses one view and the default precision.</remarks>
    public SegmentationOptions Segmentation { get; init; } = new();

    /// <summary>Whether the prediction mode is chosen by the score on the validation set, where there is one; else <see cref="Segmentation"/> says it.</summary>
    public bool ChoosePrediction { get; init; } = true;

    /// <summary>Whether the gate's threshold is chosen by the score on the validation set, where there is one: the lowest that is within half a point of mIoU of the best.</summary>
    /// <remarks>Where an open gate (0) is, the model has <see cref="GateMode.None"/>, and does not compute it.</remarks>
    public bool CalibrateGate { get; init; }

    /// <summary>Images that are scored in one pass of the network, at least 1; null for 8 on a CPU, and on a GPU up to 64, as its memory allows.</summary>
    /// <remarks>Results do not depend on it. Where a GPU runs out of memory, the message says which number to give.</remarks>
    public int? ScoringBatchSize { get; init; }

    /// <summary>Validation, checkpoints, logs, progress and cancellation of the run.</summary>
    public TrainingRunOptions Run { get; init; } = new();

    /// <summary>The training that is meant: the one given, or the recipe's own.</summary>
    internal SegmenterTrainingOptions EffectiveTraining =>
        Training ?? (Recipe is Recipe.Reference ? SegmenterTrainingOptions.Reference : new SegmenterTrainingOptions());

    /// <summary>The column that the gate is read from, or null for no gate.</summary>
    internal InputColumn? GateColumn => Segmentation.Gate switch
    {
        GateMode.None => null,
        GateMode.Whole => InputColumn.Vector<float>(ProbabilityColumnName),
        _ => InputColumn.Vector<float>(GateProbabilityColumnName),
    };

    /// <summary>How the segmenter predicts, by the recipe of these options.</summary>
    internal SegmentationOptions EffectiveSegmentation => Segmentation with { Recipe = Recipe };

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, PredictedMaskColumnName, PixelProbabilityColumnName, PixelUncertaintyColumnName, MaskColumnName);

        // The true mask may be among the masks to learn from: that is training with full supervision.
        OptionChecks.ColumnNames([ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, PredictedMaskColumnName, PixelProbabilityColumnName, PixelUncertaintyColumnName, .. PseudoMaskColumnNames]);
        Guard.Defined(Recipe);
        Guard.Defined(Normalization);
        if (Segmentation.Recipe is not Recipe.Default && Segmentation.Recipe != Recipe)
        {
            throw new ArgumentException($"Segmentation.Recipe is {Segmentation.Recipe} and Recipe is {Recipe}; set Recipe alone, it holds for both.");
        }

        Guard.Positive(MicronsPerPixel ?? 1, nameof(MicronsPerPixel));
        Segmentation.Check();
        OptionChecks.ScoringBatchSize(ScoringBatchSize);
        Architecture.Check();
        Run.Check();
        EffectiveTraining.Check();
        if (EffectiveTraining.OutputStride is { } stride && stride != Architecture.EffectiveOutputStride && Architecture.Backbone is not BackboneKind.ResNet18)
        {
            throw new ArgumentException($"Training.{nameof(SegmenterTrainingOptions.OutputStride)} is {stride} and Architecture.{nameof(SegmenterArchitecture.OutputStride)} is {Architecture.EffectiveOutputStride}; a {BackboneKind.ResNet18} alone can train at another output stride than its own.");
        }

        if (PseudoMaskColumnNames.Count != EffectiveTraining.MaskWeights.Count)
        {
            throw new ArgumentException($"There are {PseudoMaskColumnNames.Count} PseudoMaskColumnNames for {EffectiveTraining.MaskWeights.Count} MaskWeights; each mask needs one.");
        }
    }
}
