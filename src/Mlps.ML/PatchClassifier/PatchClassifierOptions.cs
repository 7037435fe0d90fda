using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;

namespace Mlps.ML;

/// <summary>Options of <see cref="PatchClassifierEstimator"/>, the method's first stage.</summary>
public sealed record PatchClassifierOptions
{
    /// <summary>A ResNet-18 that starts from ML.NET's pretrained weights.</summary>
    /// <remarks>Needs a reference to the package <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c> while it trains; the trained model needs neither package nor file.</remarks>
    /// <exception cref="FileNotFoundException">The application does not reference the package.</exception>
    public static PatchClassifierOptions Pretrained => new()
    {
        Encoder = ClassifierEncoder.ResNet18,
        InitialWeights = PretrainedWeights.ResNet18,
        Normalization = Normalization.BlueGreenRed,
        Training = PatchClassifierTrainingOptions.Pretrained,
        ActivationMapViews = 4,
    };

    /// <summary>Input: images of one size.</summary>
    public string ImageColumnName { get; init; } = TissueColumns.Image;

    /// <summary>Input when training: Vector of Boolean [C], the tissues that occur.</summary>
    public string LabelColumnName { get; init; } = TissueColumns.Label;

    /// <summary>Output: Vector of Single [C], probability of each tissue in the whole image.</summary>
    public string ProbabilityColumnName { get; init; } = TissueColumns.Probability;

    /// <summary>Output: Vector of Single [C, h, w], probability of each tissue in windows of the training patches' size.</summary>
    public string GateProbabilityColumnName { get; init; } = TissueColumns.GateProbability;

    /// <summary>Output: Vector of Single [L, C, h, w], Grad-CAM.</summary>
    /// <remarks>In tables with labels, the maps of tissues that do not occur are 0, which saves their cost; the reference recipe makes all.</remarks>
    public string ActivationMapsColumnName { get; init; } = TissueColumns.ActivationMaps;

    /// <summary>Whether to follow the published code, including its known bugs, or this library's corrected version of it.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>Which network learns the tissues: the published ResNet-38, or the ResNet-18 of ML.NET's pretrained weights.</summary>
    public ClassifierEncoder Encoder { get; init; }

    /// <summary>Factor on every channel count of ResNet-38, in (0, 4]; 1 is the published network with 105 M parameters, 0.125 trains on two CPU cores.</summary>
    public double Width { get; init; } = 1;

    /// <summary>A file of weights to start from (safetensors, PyTorch .pth, MXNet .params, ONNX), or null for random ones.</summary>
    /// <remarks>Where given, the first blocks and every BatchNorm of a ResNet-38 keep what was loaded; a ResNet-18 learns all of them.</remarks>
    public string? InitialWeights { get; init; }

    /// <summary>Whether the last layer comes from <see cref="InitialWeights"/> too, where its class count fits; false starts it anew.</summary>
    public bool InitialHead { get; init; } = true;

    /// <summary>What is done to intensities before the network sees them; kept with the model.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>The training; null for the recipe's own.</summary>
    public PatchClassifierTrainingOptions? Training { get; init; }

    /// <summary>The validation set's Vector of Byte [H, W] with the true classes.</summary>
    /// <remarks>A validation set without it scores epochs by labels.</remarks>
    public string MaskColumnName { get; init; } = TissueColumns.Mask;

    /// <summary>The least share of a validation window's pixels that a tissue must cover to count as occurring in it, in [0, 1].</summary>
    public double ValidationLabelShare { get; init; } = 0.1;

    /// <summary>How the pseudo masks are scaled that score the epochs, where there is a validation set with masks: as <see cref="PseudoMasksOptions.Scaling"/>, with which it should agree.</summary>
    public MapScaling? ValidationMapScaling { get; init; }

    /// <summary>From which probability a tissue counts as occurring; where it is not 0.5, the probability columns are scaled so that 0.5 means it.</summary>
    /// <remarks>So the gate and pseudo masks without labels follow without further options. <see cref="PatchClassifierTransformer.PresenceThresholds"/> has the values; methods on tensors are not scaled.</remarks>
    public PresenceThresholds PresenceThresholds { get; init; }

    /// <summary>The layers of the activation maps, in the order of the column's first dimension; null for the encoder's own three.</summary>
    /// <remarks><see cref="ActivationLayers.DefaultOf"/> says which they are.</remarks>
    public IReadOnlyList<ActivationLayer>? Layers { get; init; }

    /// <summary>Whether the gate's windows overlap by half, so that every place is seen in several of them.</summary>
    /// <remarks>Side by side they are a quarter as many, and the gate of a large image costs a quarter.</remarks>
    public bool OverlapGateWindows { get; init; } = true;

    /// <summary>What the trained classifier computes probabilities and activation maps with; training has its own, and validation uses the default.</summary>
    public Precision Precision { get; init; } = Precision.TensorFloat32;

    /// <summary>Views that activation maps are averaged over: 1 for the image alone, 2 adds its mirror image, 4 both flips, 8 the quarter turns.</summary>
    /// <remarks>Each view costs as much as the first. Images whose label names one tissue are seen once, as their pseudo mask is that tissue anyway; validation after each epoch uses one view, too.</remarks>
    public int ActivationMapViews { get; init; } = 1;

    /// <summary>Images that are scored in one pass of the network, at least 1; null for 8 on a CPU, and on a GPU up to 64, as its memory allows.</summary>
    /// <remarks>Results do not depend on it. Where a GPU runs out of memory, the message says which number to give.</remarks>
    public int? ScoringBatchSize { get; init; }

    /// <summary>Validation, checkpoints, logs, progress and cancellation of the run.</summary>
    public TrainingRunOptions Run { get; init; } = new();

    /// <summary>The layers that are meant: the ones given, or the encoder's own.</summary>
    internal IReadOnlyList<ActivationLayer> EffectiveLayers => Layers ?? ActivationLayers.DefaultOf(Encoder);

    /// <summary>Whether loaded weights keep their front and their BatchNorms, as published for ResNet-38; ResNet-18 learns all of them.</summary>
    internal bool KeepsLoadedFront => InitialWeights is not null && Encoder is ClassifierEncoder.ResNet38;

    /// <summary>The training that is meant: the one given, or the recipe's own.</summary>
    internal PatchClassifierTrainingOptions EffectiveTraining =>
        Training
        ?? (Recipe is Recipe.Reference ? PatchClassifierTrainingOptions.Reference
        : InitialWeights is null ? new PatchClassifierTrainingOptions()
        : PatchClassifierTrainingOptions.FineTuning);

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(ImageColumnName, LabelColumnName, ProbabilityColumnName, GateProbabilityColumnName, ActivationMapsColumnName);
        OptionChecks.ColumnNames(ImageColumnName, MaskColumnName);
        Guard.Defined(Encoder);
        Guard.Defined(Normalization);
        Guard.InRange(Width, 0, ClassifierNetwork.MaximumWidth, lowestAllowed: false);
        Guard.InRange(ValidationLabelShare, 0, 1);
        OptionChecks.ScoringBatchSize(ScoringBatchSize);
        OptionChecks.Layers(EffectiveLayers, Encoder);
        ImageViews.Check(ActivationMapViews, nameof(ActivationMapViews));
        Guard.Defined(PresenceThresholds);
        Guard.Defined(Recipe);
        if (Recipe is Recipe.Reference && Encoder is not ClassifierEncoder.ResNet38)
        {
            throw new ArgumentException($"The reference recipe is the published code's, which knows ResNet-38 alone; Encoder is {Encoder}. Use the default recipe.");
        }

        ValidationMapScaling.CheckFor(Recipe, nameof(ValidationMapScaling));
        Guard.Defined(Precision);
        Run.Check();
        EffectiveTraining.Check();
        if (EffectiveTraining.OutputStride != ClassifierNetwork.OutputStride && Encoder is not ClassifierEncoder.ResNet18)
        {
            throw new ArgumentException($"Training.{nameof(PatchClassifierTrainingOptions.OutputStride)} is {EffectiveTraining.OutputStride}; the output stride of a {Encoder} is {ClassifierNetwork.OutputStride}, and a {ClassifierEncoder.ResNet18} alone has others.");
        }
    }
}
