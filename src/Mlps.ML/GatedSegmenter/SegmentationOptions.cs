using System.Globalization;
using Mlps.Torch;
using Mlps.Torch.Inference;

namespace Mlps.ML;

/// <summary>How a trained <see cref="GatedSegmenterTransformer"/> predicts and gates.</summary>
public sealed record SegmentationOptions : PredictionOptions
{
    /// <summary>Where the gate is computed.</summary>
    public GateMode Gate { get; init; } = GateMode.Windows;

    /// <summary>The gate in words.</summary>
    internal string GateText => Gate is GateMode.None ? "no gate" : string.Create(CultureInfo.InvariantCulture, $"gate {Gate} at {GateThreshold:g3}");

    /// <inheritdoc/>
    internal override void Check()
    {
        Guard.Defined(Gate);
        base.Check();
    }
}
