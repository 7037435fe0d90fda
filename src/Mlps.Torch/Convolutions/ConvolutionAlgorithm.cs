namespace Mlps.Torch.Convolutions;

/// <summary>The algorithms by which a convolution is computed; <see cref="ConvolutionChooser"/> chooses between them.</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>libtorch's own, without taps that meet only padding.</summary>
    Direct,

    /// <summary>Winograd's F(2x2, 3x3) with weights that were transformed beforehand and do not learn.</summary>
    FixedWinograd,

    /// <summary>Winograd's F(2x2, 3x3) with weights that learn.</summary>
    LearningWinograd,

    /// <summary>libtorch's own, with the gradient of the weights summed tap by tap.</summary>
    Tapwise,
}
