namespace Mlps.Torch.Networks;

/// <summary>The classifier's layers that activation maps can be taken from, in the order of depth.</summary>
public enum ActivationLayer
{
    /// <summary>Output of block b4_3.</summary>
    B4Block3,

    /// <summary>Output of block b4_5.</summary>
    B4Block5,

    /// <summary>Output of block b5_2.</summary>
    B5Block2,

    /// <summary>Output of block b6.</summary>
    B6,

    /// <summary>Output of bn7 and its ReLU: the features that the head classifies.</summary>
    Bn7,
}
