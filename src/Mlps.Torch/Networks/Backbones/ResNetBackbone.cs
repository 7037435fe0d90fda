using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>ResNet-101 with dilated last stages.</summary>
/// <remarks>
/// Low-level features: layer1 [N, 256w, H/4, W/4]. High-level: layer4 [N, 2048w, H/stride, W/stride], a multi-grid unit of three blocks
/// with dilations (1, 2, 4) times the stage's own. Chen et al. 2018 (DeepLab v3+).
/// </remarks>
internal sealed class ResNetBackbone : SegmenterBackbone, IFoldable
{
    private static readonly int[] MultiGrid = [1, 2, 4];

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly ConvNorm _stem;
    private readonly Sequential layer1, layer2, layer3, layer4;

    public ResNetBackbone(int outputStride, ChannelWidth width)
        : base(nameof(ResNetBackbone))
    {
        var (strides, dilations) = outputStride switch
        {
            16 => (new[] { 1, 2, 2, 1 }, new[] { 1, 1, 1, 2 }),
            8 => (new[] { 1, 2, 1, 1 }, new[] { 1, 1, 2, 4 }),
            _ => throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, "The output stride of a ResNet backbone must be 8 or 16."),
        };
        var stem = width.Of(64);
        int[] channels = [width.Of(64), width.Of(128), width.Of(256), width.Of(512)];
        conv1 = Convolution.Create7x7(3, stem, stride: 2);
        bn1 = BatchNorm.Create(stem);
        layer1 = ResNetBottleneck.Stage(stem, channels[0], strides[0], Dilations(3, dilations[0]));
        layer2 = ResNetBottleneck.Stage(channels[0] * ResNetBottleneck.Expansion, channels[1], strides[1], Dilations(4, dilations[1]));
        layer3 = ResNetBottleneck.Stage(channels[1] * ResNetBottleneck.Expansion, channels[2], strides[2], Dilations(23, dilations[2]));
        layer4 = ResNetBottleneck.Stage(channels[2] * ResNetBottleneck.Expansion, channels[3], strides[3], [.. MultiGrid.Select(grid => grid * dilations[3])]);
        LowLevelChannels = channels[0] * ResNetBottleneck.Expansion;
        HighLevelChannels = channels[3] * ResNetBottleneck.Expansion;
        _stem = new(conv1, bn1);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_stem];

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _stem.ForwardReLU(input);
        x = functional.max_pool2d(x, kernel_size: 3, stride: 2, padding: 1);
        var low = layer1.forward(x);
        var high = layer4.forward(layer3.forward(layer2.forward(low)));
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }

    private static int[] Dilations(int blocks, int dilation) => [.. Enumerable.Repeat(dilation, blocks)];
}
