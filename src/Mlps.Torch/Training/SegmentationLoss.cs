namespace Mlps.Torch.Training;

/// <summary>What a wrong pixel costs.</summary>
public enum SegmentationLoss
{
    /// <summary>Cross-entropy.</summary>
    CrossEntropy,

    /// <summary>Cross-entropy that counts less where the pixel is nearly right already (Lin et al. 2017).</summary>
    Focal,

    /// <summary>Cross-entropy plus the soft Dice loss 1 − mean over c of 2·Σ w·p_c·y_c / Σ w·(p_c + y_c) (Milletari et al. 2016, as summed by Isensee et al. 2021).</summary>
    /// <remarks>
    /// The sums run over the pixels of the batch that count, and the mean over the classes that occur in them; p is the softmax, y is 1 at the pixel's class and else 0, and w is the pixel's weight, 1 without
    /// agreement weighting. Ignored pixels are left out of both terms. Class weights apply to the cross-entropy: in the Dice loss every class counts alike.
    /// </remarks>
    CrossEntropyDice,
}
