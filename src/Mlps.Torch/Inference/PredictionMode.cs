namespace Mlps.Torch.Inference;

/// <summary>How an image larger than the training patches is segmented.</summary>
public enum PredictionMode
{
    /// <summary>One pass over the whole image; above 1024x1024 pixels, over overlapping blocks of that size.</summary>
    Whole,

    /// <summary>Overlapping windows of the training patches' size, their logits averaged.</summary>
    Windows,
}
