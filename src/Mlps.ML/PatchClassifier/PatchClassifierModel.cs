using System.Text.Json.Nodes;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;

namespace Mlps.ML;

/// <summary>What a saved patch classifier is beside its weights.</summary>
internal sealed record PatchClassifierModel : ISavedOptions
{
    /// <summary>The classes, as in <c>dataset.json</c>.</summary>
    public required string Classes { get; init; }

    /// <summary>Which network; models of before there were several are ResNet-38.</summary>
    public ClassifierEncoder Encoder { get; init; }

    public required double Width { get; init; }

    public required Normalization Normalization { get; init; }

    public required int PatchHeight { get; init; }

    public required int PatchWidth { get; init; }

    public required IReadOnlyList<ActivationLayer> Layers { get; init; }

    public required string ImageColumnName { get; init; }

    public required string ProbabilityColumnName { get; init; }

    public required string GateProbabilityColumnName { get; init; }

    public required string ActivationMapsColumnName { get; init; }

    public int? ScoringBatchSize { get; init; }

    /// <summary>The column of labels that activation maps are limited to, where a table has it; null to make all maps always.</summary>
    public string? MapLabelColumnName { get; init; }

    public Precision Precision { get; init; } = Precision.TensorFloat32;

    public int ActivationMapViews { get; init; } = 1;

    /// <summary>The probability from which each class counts as occurring; null for 0.5.</summary>
    public IReadOnlyList<double>? PresenceThresholds { get; init; }

    public bool OverlapGateWindows { get; init; } = true;

    public required TrainingRecord Training { get; init; }

    /// <inheritdoc/>
    public void Check()
    {
        var classes = TissueClasses.FromJson(Classes);
        Guard.Defined(Encoder);
        ChannelWidth.Checked(Width);
        Guard.Defined(Normalization);
        OptionChecks.PatchSize(PatchHeight, PatchWidth);
        OptionChecks.Layers(Layers, Encoder);
        OptionChecks.ColumnNames(ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, ActivationMapsColumnName);
        if (MapLabelColumnName is { } label)
        {
            OptionChecks.ColumnNames(label, ProbabilityColumnName, GateProbabilityColumnName, ActivationMapsColumnName);
        }

        OptionChecks.ScoringBatchSize(ScoringBatchSize);
        Guard.Defined(Precision);
        ImageViews.Check(ActivationMapViews, nameof(ActivationMapViews));
        PresenceScaling.Check(PresenceThresholds, classes.Count);
        Training.Check(classes);
    }

    /// <summary>Turns what layouts 1 and 2 wrote into layout 4.</summary>
    public static void UpgradeLayout2(JsonObject model)
    {
        SavedPrecision.UpgradeFull(model);
        SavedBatchSize.UpgradeDefault(model);
    }

    public static PatchClassifierModel From(PatchClassifierOptions options, PatchClassifier classifier, TissueClasses classes, TrainingRecord training, IReadOnlyList<double>? presenceThresholds = null) => new()
    {
        Classes = classes.ToJson(),
        Encoder = options.Encoder,
        Width = options.Width,
        Normalization = options.Normalization,
        PatchHeight = classifier.PatchSize.Height,
        PatchWidth = classifier.PatchSize.Width,
        Layers = options.EffectiveLayers,
        ImageColumnName = options.ImageColumnName,
        ProbabilityColumnName = options.ProbabilityColumnName,
        GateProbabilityColumnName = options.GateProbabilityColumnName,
        ActivationMapsColumnName = options.ActivationMapsColumnName,
        ScoringBatchSize = options.ScoringBatchSize,
        MapLabelColumnName = options.Recipe is Recipe.Default ? options.LabelColumnName : null,
        Precision = options.Precision,
        ActivationMapViews = options.ActivationMapViews,
        PresenceThresholds = presenceThresholds,
        OverlapGateWindows = options.OverlapGateWindows,
        Training = training,
    };
}
