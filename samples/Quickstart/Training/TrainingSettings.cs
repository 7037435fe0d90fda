using Mlps.Torch;
using Mlps.Torch.Networks.Backbones;

namespace Mlps.Quickstart.Training;

/// <summary>What the user chose; null where the choice is left to the program.</summary>
internal sealed record TrainingSettings
{
    public required int Seed { get; init; }

    public Recipe Recipe { get; init; }

    public double? Width { get; init; }

    public BackboneKind? Backbone { get; init; }

    public double SegmenterWidth { get; init; } = 1;

    public int? ClassifierEpochs { get; init; }

    public int? SegmenterEpochs { get; init; }

    public int? BatchSize { get; init; }
}
