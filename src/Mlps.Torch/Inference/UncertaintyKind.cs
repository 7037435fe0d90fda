namespace Mlps.Torch.Inference;

/// <summary>What the uncertainty of a pixel is.</summary>
public enum UncertaintyKind
{
    /// <summary>The entropy of the pixel's class probabilities over that of equal ones: 0 where one class has all, 1 where all classes are equally probable.</summary>
    /// <remarks>−Σ p ln p / ln C, of the probabilities after views and windows were averaged, behind the gate: classes that it closes have probability 0.</remarks>
    Entropy,

    /// <summary>How far apart what the network says of an image's flips and turns is: 0 where all agree.</summary>
    /// <remarks>It needs 2 views or more. The standard deviation of the class probabilities over views and overlapping windows, √(Σ var p / (1 − 1/C)): 1 where the views are sure of as many different classes as there are.</remarks>
    Spread,
}
