namespace Mlps.Torch.Networks;

/// <summary>The encoders that a segmenter can be built on.</summary>
public enum BackboneKind
{
    /// <summary>ResNet-101, the published encoder; 59.4 M parameters with its decoder at width 1.</summary>
    ResNet,

    /// <summary>A residual encoder small enough to train on two CPU cores; about 1 M parameters with its decoder at width 1.</summary>
    Compact,

    /// <summary>Aligned Xception-65 (Chen et al. 2018).</summary>
    Xception,

    /// <summary>Dilated residual network DRN-D-54 (Yu et al. 2017), always with output stride 8.</summary>
    Drn,

    /// <summary>MobileNet v2 (Sandler et al. 2018).</summary>
    MobileNet,

    /// <summary>ResNet-18 as ML.NET's image featurizer has it, for its pretrained weights (<c>PretrainedWeights.ResNet18</c>).</summary>
    ResNet18,
}
