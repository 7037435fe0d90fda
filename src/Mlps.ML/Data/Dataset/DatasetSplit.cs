namespace Mlps.ML;

/// <summary>The parts of a dataset.</summary>
public enum DatasetSplit
{
    /// <summary>Patches with labels in their file names, and no masks: folder <c>train</c>.</summary>
    Train,

    /// <summary>Images with masks, to choose models by: folder <c>val</c>.</summary>
    Validation,

    /// <summary>Images with masks, to score the chosen model on: folder <c>test</c>.</summary>
    Test,

    /// <summary>Patches with labels in their file names, and no masks, of slides that are not trained on, to choose models by: folder <c>held-out</c>.</summary>
    HeldOut,
}
