using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>DRN-D-54: a residual network that dilates from its sixth level on and ends in two plain levels that undo the gridding.</summary>
/// <remarks>
/// Low-level features: level 3 [N, 256w, H/4, W/4]. High-level: level 8 [N, 512w, H/8, W/8]. Yu, Koltun and Funkhouser, "Dilated Residual Networks" (2017).
/// </remarks>
internal sealed class DrnBackbone : SegmenterBackbone, IFoldable
{
    private readonly Sequential layer0, layer1, layer2, layer3, layer4, layer5, layer6, layer7, layer8;
    private readonly List<ConvNorm> _plain = [];

    public DrnBackbone(ChannelWidth width)
        : base(nameof(DrnBackbone))
    {
        int c16 = width.Of(16), c32 = width.Of(32), c64 = width.Of(64), c128 = width.Of(128), c256 = width.Of(256), c512 = width.Of(512);
        layer0 = PlainLevel(Convolution.Create7x7(3, c16), c16);
        layer1 = PlainLevel(Convolution.Create3x3(c16, c16), c16);
        layer2 = PlainLevel(Convolution.Create3x3(c16, c32, stride: 2), c32);
        layer3 = ResNetBottleneck.Stage(c32, c64, stride: 2, [1, 1, 1]);
        layer4 = ResNetBottleneck.Stage(c64 * ResNetBottleneck.Expansion, c128, stride: 2, [1, 1, 1, 1]);
        layer5 = ResNetBottleneck.Stage(c128 * ResNetBottleneck.Expansion, c256, stride: 1, [2, 2, 2, 2, 2, 2]);
        layer6 = ResNetBottleneck.Stage(c256 * ResNetBottleneck.Expansion, c512, stride: 1, [4, 4, 4]);
        layer7 = PlainLevel(Convolution.Create3x3(c512 * ResNetBottleneck.Expansion, c512, dilation: 2), c512);
        layer8 = PlainLevel(Convolution.Create3x3(c512, c512), c512);
        LowLevelChannels = c64 * ResNetBottleneck.Expansion;
        HighLevelChannels = c512;
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _plain;

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var low = layer3.forward(Plain(input, ..3));
        var high = Plain(low.Through(layer4, layer5, layer6), 3..);
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }

    /// <summary>A convolution, BatchNorm and ReLU by the names of the published checkpoints.</summary>
    private Sequential PlainLevel(Conv2d convolution, int channels)
    {
        var norm = BatchNorm.Create(channels);
        _plain.Add(new(convolution, norm));
        return Sequential(convolution, norm, ReLU());
    }

    private Tensor Plain(Tensor input, Range levels) => _plain[levels].Aggregate(input, (features, level) => level.ForwardReLU(features));
}
