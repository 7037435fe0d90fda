using Mlps.Torch.Networks.Backbones;

namespace Mlps.Torch.Networks;

/// <summary>What a segmenter is built from.</summary>
public sealed record SegmenterArchitecture
{
    private const int RateStride = 16;
    private const int MaximumAtrousRate = 64;

    /// <summary>The encoder; the published one is ResNet-101.</summary>
    public BackboneKind Backbone { get; init; } = BackboneKind.ResNet;

    /// <summary>Image height over the encoder's feature height: 16 (published) or 8, which is finer and slower; always 8 for <see cref="BackboneKind.Drn"/>.</summary>
    public int OutputStride { get; init; } = 16;

    /// <summary>Factor on every channel count, in (0, 4]; 1 is the published network.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Spacing of the taps in the first atrous branch, in features of 16 pixels, from 1 to 64; the second and third have twice and three times as much.</summary>
    /// <remarks>
    /// The published 6 is for images of 512 pixels. In a patch of 96 pixels, 6 features across, every tap but the middle one lies outside: it learns nothing, and on larger images it adds noise.
    /// </remarks>
    public int AtrousRate { get; init; } = 6;

    /// <summary>Whether the pyramid also sees the mean over the whole image, as published.</summary>
    /// <remarks>What it learns about patches need not hold for larger images, whose mean is another.</remarks>
    public bool ImagePooling { get; init; } = true;

    /// <summary>A further factor on the channels of the pyramid and the decoder, in (0, 1]; 1 is the published network.</summary>
    /// <remarks>The published decoder costs as much as a ResNet-18 at output stride 16.</remarks>
    public double HeadWidth { get; init; } = 1;

    /// <summary>Dropout after the pyramid and after the decoder's first convolution, in [0, 1); after the second it is a fifth of that.</summary>
    /// <remarks>The published 0.5 learns slowly in a few hundred steps.</remarks>
    public double HeadDropout { get; init; } = 0.5;

    /// <summary>Channels of the pyramid and the decoder at width 1.</summary>
    internal int PyramidChannels => Backbone is BackboneKind.Compact ? 64 : 256;

    /// <summary>Channels that low-level features are reduced to at width 1.</summary>
    internal int ReducedLowLevelChannels => Backbone is BackboneKind.Compact ? 24 : 48;

    /// <summary>The encoder's real output stride.</summary>
    internal int EffectiveOutputStride => Backbone is BackboneKind.Drn ? 8 : OutputStride;

    /// <summary>The dilation of the first atrous branch at an output stride.</summary>
    internal int DilationAt(int outputStride) => AtrousRate * RateStride / outputStride;

    internal SegmenterBackbone CreateBackbone(ChannelWidth width) => Backbone switch
    {
        BackboneKind.ResNet => new ResNetBackbone(OutputStride, width),
        BackboneKind.Compact => new CompactBackbone(OutputStride, width),
        BackboneKind.Xception => new XceptionBackbone(OutputStride, width),
        BackboneKind.Drn => new DrnBackbone(width),
        BackboneKind.ResNet18 => new ResNet18Backbone(OutputStride, width),
        BackboneKind.MobileNet => new MobileNetBackbone(OutputStride, width),
        _ => throw new ArgumentOutOfRangeException(nameof(width), Backbone, $"Unknown backbone '{Backbone}'."),
    };

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        ChannelWidth.Checked(Width);
        Guard.InRange(HeadWidth, 0, 1, lowestAllowed: false);
        Guard.InRange(HeadDropout, 0, 1, highestAllowed: false);
        if (OutputStride is not (8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(OutputStride), OutputStride, "OutputStride must be 8 or 16.");
        }

        Guard.Defined(Backbone);
        if (AtrousRate is < 1 or > MaximumAtrousRate)
        {
            throw new ArgumentOutOfRangeException(nameof(AtrousRate), AtrousRate, $"AtrousRate must be from 1 to {MaximumAtrousRate}.");
        }
    }
}
