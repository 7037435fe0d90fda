namespace Mlps.Torch.Networks;

/// <summary>Scales the published channel counts of a network: 1 is the published network, 0.125 has an eighth of its channels.</summary>
/// <param name="Factor">Multiplier of every channel count but the image's three and the classes'; in (0, 4].</param>
internal readonly record struct ChannelWidth(double Factor)
{
    /// <summary>The number of channels that stands for <paramref name="published"/> channels at this width; at least 1.</summary>
    public int Of(int published) => Math.Max(1, (int)Math.Round(published * Factor, MidpointRounding.AwayFromZero));

    /// <summary>Throws when the factor is outside (0, 4].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not in (0, 4].</exception>
    public static ChannelWidth Checked(double factor) =>
        factor is > 0 and <= ClassifierNetwork.MaximumWidth
            ? new ChannelWidth(factor)
            : throw new ArgumentOutOfRangeException(nameof(factor), factor, $"The width must be above 0 and at most {ClassifierNetwork.MaximumWidth}; 1 is the published network.");
}
