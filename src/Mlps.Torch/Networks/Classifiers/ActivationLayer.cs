namespace Mlps.Torch.Networks;

/// <summary>The layers that activation maps can be taken from; each encoder has its own, in the order of depth.</summary>
public enum ActivationLayer
{
    /// <summary>ResNet-38: output of block b4_3.</summary>
    B4Block3,

    /// <summary>ResNet-38: output of block b4_5.</summary>
    B4Block5,

    /// <summary>ResNet-38: output of block b5_2.</summary>
    B5Block2,

    /// <summary>ResNet-38: output of block b6.</summary>
    B6,

    /// <summary>ResNet-38: output of bn7 and its ReLU, the features that the head classifies.</summary>
    Bn7,

    /// <summary>ResNet-18: output of stage 2, layer2.</summary>
    Layer2,

    /// <summary>ResNet-18: output of stage 3, layer3.</summary>
    Layer3,

    /// <summary>ResNet-18: output of the first block of stage 4, layer4.0.</summary>
    Layer4Block0,

    /// <summary>ResNet-18: output of the second block of stage 4, layer4.1.</summary>
    Layer4Block1,

    /// <summary>ResNet-18: output of the last block of stage 4, layer4.2, the features that the head classifies.</summary>
    Layer4Block2,
}
