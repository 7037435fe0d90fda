using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>What the user chose; null where the choice is left to the program.</summary>
internal sealed record TrainingSettings
{
    public required int Seed { get; init; }

    public Recipe Recipe { get; init; }

    public StartingPoint? Start { get; init; }

    public double? Width { get; init; }

    public BackboneKind? Backbone { get; init; }

    public int? OutputStride { get; init; }

    public double SegmenterWidth { get; init; } = 1;

    public int? ClassifierEpochs { get; init; }

    public int? SegmenterEpochs { get; init; }

    public int? BatchSize { get; init; }

    public double? ClassifierRate { get; init; }

    public double? SegmenterRate { get; init; }

    public LearningRateDecay? Decay { get; init; }

    public double? WarmUpEpochs { get; init; }

    public bool Nesterov { get; init; }

    public SegmentationLoss? Loss { get; init; }

    public bool WeighClasses { get; init; }

    public bool FreezeBatchNorm { get; init; }

    public double? StainJitter { get; init; }

    /// <summary>Whose stains images are given before anything else; null for none.</summary>
    public StainMethod? Stains { get; init; }

    /// <summary>An image whose stains are the reference; null for the training images.</summary>
    public string? StainReference { get; init; }

    public int Views { get; init; } = 1;

    public double ValidationFraction { get; init; }

    public int? Patience { get; init; }

    public string? CheckpointDirectory { get; init; }

    public string? LogDirectory { get; init; }

    public string? ClassifierWeights { get; init; }

    public string? SegmenterWeights { get; init; }

    public bool NewHeads { get; init; }

    public IReadOnlyList<ActivationLayer>? Layers { get; init; }

    public IReadOnlyList<double>? MaskWeights { get; init; }

    /// <summary>Throws when the pretrained start was chosen together with something that excludes it.</summary>
    /// <exception cref="ArgumentException">Two options exclude each other.</exception>
    public TrainingSettings Checked()
    {
        if (Start is StartingPoint.Pretrained && OtherChoice is { } given)
        {
            throw new ArgumentException($"--start pretrained is a ResNet-18 with its own weights; {given} chooses another network or other weights. Leave one of them out.");
        }

        return this;
    }

    /// <summary>Whether training starts from the pretrained ResNet-18: where nothing else was chosen that excludes it.</summary>
    public bool IsPretrained => Start is { } start
        ? start is StartingPoint.Pretrained
        : OtherChoice is null;

    /// <summary>A sentence for the user whose choice of something else silently means other starting weights; null where there is nothing to say.</summary>
    public string? WhyNotPretrained => Start is null && OtherChoice is { } given
        ? $"{given} chooses another network or other weights: the pretrained ResNet-18 is not used."
        : null;

    /// <summary>An option that was given and excludes the pretrained ResNet-18.</summary>
    private string? OtherChoice =>
        Recipe is Recipe.Reference ? "--recipe reference"
        : Width is not null ? "--width"
        : Backbone is not null ? "--backbone"
        : ClassifierWeights is not null ? "--classifier-weights"
        : SegmenterWeights is not null ? "--segmenter-weights"
        : null;
}
