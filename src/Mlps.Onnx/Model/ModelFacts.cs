namespace Mlps.Onnx.Model;

/// <summary>What an exported file says of its model: how the library itself predicts with it.</summary>
internal sealed record ModelFacts
{
    /// <summary>The C tissues.</summary>
    public required IReadOnlyList<OnnxTissue> Tissues { get; init; }

    /// <summary>White background, or null where tissue covers everything.</summary>
    public required OnnxTissue? Background { get; init; }

    public required double? MicronsPerPixel { get; init; }

    /// <summary>The segmenter's window.</summary>
    public required (int Height, int Width) PatchSize { get; init; }

    /// <summary>Whether the segmenter sees images whole, up to a limit.</summary>
    public required bool IsWhole { get; init; }

    public required int Views { get; init; }

    public required OnnxBlending Blending { get; init; }

    /// <summary>Whether uncertainty is the spread over views, and not the entropy.</summary>
    public required bool IsSpread { get; init; }

    public required GateKind Gate { get; init; }

    public required double GateThreshold { get; init; }

    /// <summary>Whether a closed gate sets logits to 0, and not to −∞.</summary>
    public required bool IsReference { get; init; }

    /// <summary>The window of the gate.</summary>
    public required (int Height, int Width) GatePatchSize { get; init; }

    public required bool GateOverlaps { get; init; }

    /// <summary>C thresholds in (0, 1).</summary>
    public required IReadOnlyList<double> PresenceThresholds { get; init; }

    /// <summary>What is marked as background, or null for nothing.</summary>
    public required (int GreyThreshold, int MinimumRegion)? Marking { get; init; }
}
