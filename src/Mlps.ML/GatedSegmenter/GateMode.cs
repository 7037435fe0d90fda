namespace Mlps.ML;

/// <summary>Which of the classifier's probabilities gate the segmenter's classes.</summary>
public enum GateMode
{
    /// <summary>No gate.</summary>
    None,

    /// <summary>One gate from the classifier's view of the whole image.</summary>
    Whole,

    /// <summary>A gate for each place, from overlapping windows of the training patches' size.</summary>
    Windows,
}
