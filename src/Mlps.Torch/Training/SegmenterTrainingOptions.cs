using Mlps.Torch.Data;

namespace Mlps.Torch.Training;

/// <summary>How the segmenter is trained.</summary>
/// <remarks>Defaults: the paper's training, with the known bugs of the published code fixed.</remarks>
public sealed record SegmenterTrainingOptions
{
    private const int MaximumMosaicSide = 8;

    /// <summary>The published code's training, including its known bugs.</summary>
    public static SegmenterTrainingOptions Reference { get; } = new()
    {
        Optimizer = new() { HeadFactor = 10 },
        Quirks = new() { IgnoredPixels = IgnoredPixelRule.ExtraChannel, FocalOverMean = true, DivideLossByBatch = true, KeepShortBatch = true },
        Augmentation = new() { HorizontalFlip = true, BlurProbability = 0.5 },
    };

    /// <summary>The training of a segmenter whose ResNet-18 starts from ML.NET's pretrained weights.</summary>
    public static SegmenterTrainingOptions Pretrained { get; } = new()
    {
        Epochs = 8,
        BatchSize = 16,
        OutputStride = 16,
        MosaicSide = 2,
        Loss = SegmentationLoss.CrossEntropyDice,
        MaskWeights = [1],
        EpochsPerValidation = 2,
        Optimizer = new() { HeadFactor = 10, WarmUpSteps = 50 },
        Augmentation = new() { HorizontalFlip = true, VerticalFlip = true, QuarterTurns = true, StainJitter = 0.3, MinimumScale = 0.8, MaximumScale = 1.35 },
    };

    /// <summary>Passes over the training patches; at least 1.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Patches a step; at least 1.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>Height of a patch over height of its high-level features while the network trains: 8, 16, or null for the architecture's own.</summary>
    /// <remarks>Only a ResNet-18 encoder has others than its own. Validation and predictions have the architecture's all the same: the same weights, at more places. With 16 a step takes half the time.</remarks>
    public int? OutputStride { get; init; }

    /// <summary>Side of the squares in which the network sees the patches of a batch, in patches: 2 for two by two side by side, 1 for each by itself, at most 8.</summary>
    /// <remarks>
    /// Around a pixel, a deep network sees more than a patch of 96 pixels. It would learn with padding on all sides, where larger images have tissue. <see cref="BatchSize"/> must be a multiple of this number squared.
    /// A batch that is shorter, because there are no more patches, stays as it is unless it is a multiple too.
    /// </remarks>
    public int MosaicSide { get; init; } = 1;

    /// <summary>Learning rates, momentum, weight decay.</summary>
    public OptimizerOptions Optimizer { get; init; } = new() { HeadFactor = 10 };

    /// <summary>Weight of each pseudo mask in the loss, deepest layer last; at least one above 0.</summary>
    public IReadOnlyList<double> MaskWeights { get; init; } = [0.2, 0.2, 0.6];

    /// <summary>How much a pixel counts where all its pseudo masks agree, of those with a weight above 0; above 0.</summary>
    /// <remarks>Only its ratio to <see cref="DisagreementFactor"/> matters: for each mask, the mean weight of a batch's pixels is 1. Equal factors weigh all pixels alike.</remarks>
    public double AgreementFactor { get; init; } = 1;

    /// <summary>How much a pixel counts where its pseudo masks do not all agree; above 0.</summary>
    /// <remarks>See <see cref="AgreementFactor"/>.</remarks>
    public double DisagreementFactor { get; init; } = 1;

    /// <summary>What a wrong pixel costs.</summary>
    public SegmentationLoss Loss { get; init; }

    /// <summary>γ of the focal loss: how fast pixels that are nearly right stop counting; 0 or above.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>α of the focal loss, a factor on all of it; above 0.</summary>
    public double FocalAlpha { get; init; } = 0.5;

    /// <summary>How much each class counts.</summary>
    public ClassWeighting ClassWeighting { get; init; }

    /// <summary>
    /// Whether every BatchNorm keeps its running statistics, for fine-tuning with small batches; scales and shifts are trained all the same, as in the
    /// published code.
    /// </summary>
    public bool FreezeBatchNorm { get; init; }

    /// <summary>
    /// What convolutions compute with in training, and what is kept of each patch for the backward pass; weights, their updates and the loss stay in 32 bits.
    /// </summary>
    public Precision Precision { get; init; } = Precision.TensorFloat32;

    /// <summary>How patches are varied.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { HorizontalFlip = true, VerticalFlip = true, QuarterTurns = true, BlurProbability = 0.5, StainJitter = 0.3 };

    /// <summary>Decay of the averaged weights a step, in [0, 1); 0 trains without them.</summary>
    /// <remarks>
    /// With it, the network that is validated, kept and returned holds a moving average of the weights and of BatchNorm's statistics over about 1/(1 − decay) steps, 1,000 for 0.999 (Polyak and Juditsky 1992;
    /// Tarvainen and Valpola 2017). In step t the decay is at most (1 + t)/(10 + t), so that the first weights are soon forgotten.
    /// </remarks>
    public double WeightAveraging { get; init; }

    /// <summary>Epochs without a better validation score after which training stops; at least 1, or null to train them all.</summary>
    /// <remarks>Needs a validation set.</remarks>
    public int? Patience { get; init; }

    /// <summary>Epochs from one validation to the next; at least 1.</summary>
    /// <remarks>The last epoch is validated in any case. Epochs that are not validated are not kept, unless there is no validation set.</remarks>
    public int EpochsPerValidation { get; init; } = 1;

    /// <summary>Fixes initialisation, shuffling and variation; null for the ML.NET context's seed, or 0 outside of one.</summary>
    public int? Seed { get; init; }

    /// <summary>Known bugs of the published code to reproduce; none by default.</summary>
    public ReferenceQuirks Quirks { get; init; } = new();

    /// <summary>Whether pixels count by the agreement of their masks.</summary>
    internal bool WeighsAgreement => AgreementFactor != DisagreementFactor;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.AtLeast(Epochs, 1);
        Guard.AtLeast(BatchSize, 1);
        Guard.AtLeast(Patience ?? 1, 1, nameof(Patience));
        Guard.AtLeast(EpochsPerValidation, 1);
        if (OutputStride is not (null or 8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(OutputStride), OutputStride, "OutputStride must be 8 or 16, or null for the architecture's own.");
        }

        if (MosaicSide is < 1 or > MaximumMosaicSide)
        {
            throw new ArgumentOutOfRangeException(nameof(MosaicSide), MosaicSide, $"MosaicSide must be from 1 to {MaximumMosaicSide}.");
        }

        if (BatchSize % (MosaicSide * MosaicSide) != 0)
        {
            throw new ArgumentException($"BatchSize is {BatchSize} and MosaicSide is {MosaicSide}; the batch size must be a multiple of {MosaicSide * MosaicSide}.");
        }

        Guard.InRange(WeightAveraging, 0, 1, highestAllowed: false);
        Optimizer.Check();
        Augmentation.Check();
        Guard.Defined(Precision);
        Guard.Defined(Loss);
        Guard.Defined(ClassWeighting);
        Quirks.Check();
        Guard.NotNegative(FocalGamma);
        Guard.Positive(FocalAlpha);
        Guard.Positive(AgreementFactor);
        Guard.Positive(DisagreementFactor);
        if ((WeighsAgreement || Loss is SegmentationLoss.CrossEntropyDice) && (Quirks.FocalOverMean || Quirks.IgnoredPixels is not IgnoredPixelRule.Ignore))
        {
            throw new ArgumentException(
                $"{(WeighsAgreement ? $"{nameof(AgreementFactor)} and {nameof(DisagreementFactor)} differ" : $"{nameof(Loss)} is {Loss}")}, which Quirks.{nameof(Quirks.FocalOverMean)} and Quirks.{nameof(Quirks.IgnoredPixels)} of the published code do not allow; leave these at their defaults.");
        }

        if (MaskWeights.Count == 0 || MaskWeights.Any(weight => !(weight >= 0 && double.IsFinite(weight))) || !(MaskWeights.Sum() > 0))
        {
            throw new ArgumentException($"MaskWeights must be 0 or above, one of them above 0; they are [{string.Join(", ", MaskWeights)}].");
        }
    }
}
