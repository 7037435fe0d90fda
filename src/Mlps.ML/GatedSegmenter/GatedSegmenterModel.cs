using System.Text.Json.Nodes;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;

namespace Mlps.ML;

/// <summary>What a saved segmenter is beside its weights.</summary>
internal sealed record GatedSegmenterModel : ISavedOptions
{
    /// <summary>The classes, as in <c>dataset.json</c>.</summary>
    public required string Classes { get; init; }

    public required SegmenterArchitecture Architecture { get; init; }

    public required Normalization Normalization { get; init; }

    public required int PatchHeight { get; init; }

    public required int PatchWidth { get; init; }

    /// <summary>Not in the first files of layout 2.</summary>
    public double? MicronsPerPixel { get; init; }

    public required SegmentationOptions Segmentation { get; init; }

    public required string ImageColumnName { get; init; }

    public required string ProbabilityColumnName { get; init; }

    public required string GateProbabilityColumnName { get; init; }

    public required string PredictedMaskColumnName { get; init; }

    public required string PixelProbabilityColumnName { get; init; }

    /// <summary>Not in the first files of layout 2.</summary>
    public string PixelUncertaintyColumnName { get; init; } = TissueColumns.PixelUncertainty;

    public int? ScoringBatchSize { get; init; }

    public required TrainingRecord Training { get; init; }

    /// <inheritdoc/>
    public void Check()
    {
        var classes = TissueClasses.FromJson(Classes);
        Architecture.Check();
        Guard.Defined(Normalization);
        OptionChecks.PatchSize(PatchHeight, PatchWidth);
        Guard.Positive(MicronsPerPixel ?? 1, nameof(MicronsPerPixel));
        Segmentation.Check();
        OptionChecks.ColumnNames(ImageColumnName, ProbabilityColumnName, GateProbabilityColumnName, PredictedMaskColumnName, PixelProbabilityColumnName, PixelUncertaintyColumnName);
        OptionChecks.ScoringBatchSize(ScoringBatchSize);
        Training.Check(classes);
    }

    /// <summary>Turns what layout 1 wrote into layout 5.</summary>
    public static void UpgradeLayout1(JsonObject model)
    {
        var segmentation = model["Asking"];
        model.Remove("Asking");
        model[nameof(Segmentation)] = segmentation;
        UpgradeLayout2(model);
    }

    /// <summary>Turns what layout 2 wrote into layout 5.</summary>
    public static void UpgradeLayout2(JsonObject model)
    {
        if (model[nameof(Segmentation)] is JsonObject segmentation)
        {
            SavedPrecision.UpgradeFull(segmentation);
        }

        UpgradeLayout3(model);
    }

    /// <summary>Turns what layout 3 wrote into layout 5.</summary>
    public static void UpgradeLayout3(JsonObject model)
    {
        SavedBatchSize.UpgradeDefault(model);
        UpgradeLayout4(model);
    }

    /// <summary>Turns what layout 4 wrote into layout 5.</summary>
    public static void UpgradeLayout4(JsonObject model)
    {
        if (model[nameof(Segmentation)] is JsonObject segmentation)
        {
            // Some of layout 4 say it already.
            segmentation.TryAdd(nameof(PredictionOptions.Blending), nameof(BlendingKind.Uniform));
        }
    }

    public static GatedSegmenterModel From(GatedSegmenterOptions options, Segmenter segmenter, SegmentationOptions segmentation, TissueClasses classes, TrainingRecord training) => new()
    {
        Classes = classes.ToJson(),
        Architecture = options.Architecture,
        Normalization = options.Normalization,
        PatchHeight = segmenter.PatchSize.Height,
        PatchWidth = segmenter.PatchSize.Width,
        MicronsPerPixel = options.MicronsPerPixel,
        Segmentation = segmentation,
        ImageColumnName = options.ImageColumnName,
        ProbabilityColumnName = options.ProbabilityColumnName,
        GateProbabilityColumnName = options.GateProbabilityColumnName,
        PredictedMaskColumnName = options.PredictedMaskColumnName,
        PixelProbabilityColumnName = options.PixelProbabilityColumnName,
        PixelUncertaintyColumnName = options.PixelUncertaintyColumnName,
        ScoringBatchSize = options.ScoringBatchSize,
        Training = training,
    };
}
