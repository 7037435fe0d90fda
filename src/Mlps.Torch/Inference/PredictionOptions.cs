using Mlps.Torch.PseudoMasks;

namespace Mlps.Torch.Inference;

/// <summary>How a trained segmenter predicts.</summary>
public record PredictionOptions
{
    /// <summary>One pass, or overlapping windows.</summary>
    public PredictionMode Prediction { get; init; } = PredictionMode.Windows;

    /// <summary>How much each pixel of a window counts where windows overlap.</summary>
    /// <remarks>Slides are always blended by <see cref="BlendingKind.Hann"/>, within tiles as between them.</remarks>
    public BlendingKind Blending { get; init; } = BlendingKind.Hann;

    /// <summary>Views to average logits over: 1 for the image alone, 2 adds its mirror image, 4 both flips, 8 the quarter turns.</summary>
    /// <remarks>Each view costs as much as the first: 8 views take eight times as long as 1, and hardly more memory.</remarks>
    public int Views { get; init; } = 1;

    /// <summary>A class passes the gate when the classifier's probability is strictly above this; in [0, 1].</summary>
    public double GateThreshold { get; init; } = 0.1;

    /// <summary>What a closed gate does; see <see cref="Mlps.Torch.Recipe"/>.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>What is marked as background in masks, or null to mark none: the network itself never predicts background.</summary>
    public BackgroundOptions? Background { get; init; }

    /// <summary>What the uncertainty of a pixel is, where it is requested; it costs nothing where it is not.</summary>
    public UncertaintyKind Uncertainty { get; init; }

    /// <summary>What the segmenter computes with.</summary>
    public Precision Precision { get; init; } = Precision.TensorFloat32;

    /// <summary>The blending in numbers.</summary>
    internal WindowWeights WindowWeights => Blending is BlendingKind.Hann ? WindowWeights.Hann : WindowWeights.Uniform;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal virtual void Check()
    {
        Guard.InRange(GateThreshold, 0, 1);
        if (Views is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(Views), Views, "Views must be 1, 2, 4 or 8.");
        }

        Guard.Defined(Prediction);
        Guard.Defined(Blending);
        Guard.Defined(Recipe);
        Guard.Defined(Precision);
        Guard.Defined(Uncertainty);
        if (Uncertainty is UncertaintyKind.Spread && Views == 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Uncertainty), Uncertainty, "Uncertainty by Spread compares views, and Views is 1; set Views to 2, 4 or 8, or Uncertainty to Entropy.");
        }

        Background?.Check();
    }
}
