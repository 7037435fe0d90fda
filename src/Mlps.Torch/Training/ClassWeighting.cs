namespace Mlps.Torch.Training;

/// <summary>How much each class counts in the segmenter's loss.</summary>
public enum ClassWeighting
{
    /// <summary>Every pixel counts alike.</summary>
    None,

    /// <summary>1/ln(1.02 + f), where f is the class's share of the tissue pixels in the deepest pseudo masks (Paszke et al. 2016).</summary>
    InverseLogFrequency,
}
