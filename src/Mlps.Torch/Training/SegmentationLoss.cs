namespace Mlps.Torch.Training;

/// <summary>What a wrong pixel costs.</summary>
public enum SegmentationLoss
{
    /// <summary>Cross-entropy.</summary>
    CrossEntropy,

    /// <summary>Cross-entropy that counts less where the pixel is nearly right already (Lin et al. 2017).</summary>
    Focal,
}
