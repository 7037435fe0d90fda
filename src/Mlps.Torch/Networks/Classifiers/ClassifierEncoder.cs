namespace Mlps.Torch.Networks;

/// <summary>The networks that a patch classifier can be.</summary>
public enum ClassifierEncoder
{
    /// <summary>ResNet-38, the published one; 105 M parameters at width 1.</summary>
    ResNet38,

    /// <summary>ResNet-18 as ML.NET's image featurizer has it, for its pretrained weights (<c>PretrainedWeights.ResNet18</c>); 15.9 M parameters.</summary>
    ResNet18,
}
