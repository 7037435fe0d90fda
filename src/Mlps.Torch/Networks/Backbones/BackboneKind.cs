namespace Mlps.Torch.Networks.Backbones;

/// <summary>The encoders that a segmenter can be built on.</summary>
public enum BackboneKind
{
    /// <summary>ResNet-101, the published encoder; 59.4 M parameters with its decoder at width 1.</summary>
    ResNet,

    /// <summary>A residual encoder small enough to train on two CPU cores; about 1 M parameters with its decoder at width 1.</summary>
    Compact,
}
