using Mlps.Torch.PseudoMasks;

namespace Mlps.Torch.Inference;

/// <summary>How an image larger than the training patches is segmented.</summary>
public enum PredictionMode
{
    /// <summary>One pass over the whole image; above 1024x1024 pixels, over overlapping blocks of that size.</summary>
    Whole,

    /// <summary>Overlapping windows of the training patches' size, their logits averaged.</summary>
    Windows,
}

/// <summary>How the classifier's gate is laid over an image larger than the training patches.</summary>
public enum GateMode
{
    /// <summary>No gate.</summary>
    None,

    /// <summary>One gate from the classifier's view of the whole image.</summary>
    Whole,

    /// <summary>A gate for each place, from overlapping windows of the training patches' size.</summary>
    Windows,
}

/// <summary>How a trained segmenter predicts.</summary>
public sealed record SegmentationOptions
{
    /// <summary>One pass, or overlapping windows.</summary>
    public PredictionMode Prediction { get; init; } = PredictionMode.Windows;

    /// <summary>
    /// Mirror images and quarter turns that logits are averaged over: 1 for the image alone, 2 with its mirror image, 4 with both flips, 8 with quarter turns too. Each costs as much as the first.
    /// </summary>
    public int Views { get; init; } = 1;

    /// <summary>Where the gate is computed.</summary>
    public GateMode Gate { get; init; } = GateMode.Windows;

    /// <summary>A class passes the gate when the classifier's probability is strictly above this; in [0, 1].</summary>
    public double GateThreshold { get; init; } = 0.1;

    /// <summary>What a closed gate does; see <see cref="Mlps.Torch.Recipe"/>.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>What is marked as background in masks, or null to mark none: the network itself never predicts background.</summary>
    public BackgroundOptions? Background { get; init; }

    /// <summary>What the segmenter computes with.</summary>
    public Precision Precision { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.InRange(GateThreshold, 0, 1);
        if (Views is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(Views), Views, "Views must be 1, 2, 4 or 8.");
        }

        Guard.Defined(Prediction);
        Guard.Defined(Gate);
        Guard.Defined(Recipe);
        Guard.Defined(Precision);
        Background?.Check();
    }
}
