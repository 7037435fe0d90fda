namespace Mlps.Torch.Evaluation;

/// <summary>
/// What happens to pixels whose truth is background. Published tissue scores use both ways, so a score without its protocol means little.
/// </summary>
public enum ScoringProtocol
{
    /// <summary>
    /// Pixels whose truth is background are dropped before anything is counted (MLPS, PDSeg, PistoSeg).
    /// Where the truth is tissue, a predicted background is a miss of that tissue.
    /// </summary>
    A,

    /// <summary>
    /// Background is a class of the confusion matrix like any other (TPRO, PBIP): tissue predicted on background is a false alarm.
    /// Means over classes still run over the tissue classes only; pixel-weighted figures count every pixel.
    /// </summary>
    B,
}
