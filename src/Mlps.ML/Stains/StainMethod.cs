namespace Mlps.ML;

/// <summary>How images are given the stains of a reference.</summary>
public enum StainMethod
{
    /// <summary>Finds the directions of haematoxylin and eosin in each image and replaces them by the reference's, with amounts scaled to the reference's (Macenko et al. 2009).</summary>
    Macenko,

    /// <summary>Gives the colours of each image's tissue the reference's mean and standard deviation in the space lαβ (Reinhard et al. 2001).</summary>
    Reinhard,
}
