namespace Mlps.Torch.Evaluation;

/// <summary>What happens to pixels whose truth is background.</summary>
/// <remarks>Published scores use both protocols, so a score without its protocol means little.</remarks>
public enum ScoringProtocol
{
    /// <summary>Pixels whose truth is background are not counted (MLPS, PDSeg, PistoSeg).</summary>
    /// <remarks>Where the truth is tissue, predicted background is a miss of that tissue.</remarks>
    A,

    /// <summary>Background is a class of the confusion matrix like any other (TPRO, PBIP): tissue predicted on background is a false alarm.</summary>
    /// <remarks>Means over classes still cover only the tissue classes; pixel-weighted figures count every pixel.</remarks>
    B,
}
