using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>A small residual encoder that two CPU cores can train: seven basic blocks, dilated instead of strided at the end.</summary>
/// <remarks>Low-level features [N, 48w, H/4, W/4]; high-level features [N, 128w, H/stride, W/stride].</remarks>
internal sealed class CompactBackbone : SegmenterBackbone, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly ConvNorm _stem;
    private readonly Sequential layer1, layer2, layer3;

    public CompactBackbone(int outputStride, ChannelWidth width)
        : base(nameof(CompactBackbone))
    {
        var (lastStride, dilation) = outputStride switch
        {
            16 => (2, 1),
            8 => (1, 2),
            _ => throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, "The output stride of a compact backbone must be 8 or 16."),
        };
        int c24 = width.Of(24), c48 = width.Of(48), c96 = width.Of(96), c128 = width.Of(128);
        conv1 = Convolution.Create3x3(3, c24, stride: 2);
        bn1 = BatchNorm.Create(c24);
        layer1 = Sequential(new BasicBlock(c24, c48, stride: 2), new BasicBlock(c48, c48));
        layer2 = Sequential(new BasicBlock(c48, c96, stride: 2), new BasicBlock(c96, c96));
        layer3 = Sequential(new BasicBlock(c96, c128, lastStride, dilation), new BasicBlock(c128, c128, dilation: dilation), new BasicBlock(c128, c128, dilation: 2 * dilation));
        LowLevelChannels = c48;
        HighLevelChannels = c128;
        _stem = new(conv1, bn1);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_stem];

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var low = layer1.forward(_stem.ForwardReLU(input));
        var high = layer3.forward(layer2.forward(low));
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }
}
