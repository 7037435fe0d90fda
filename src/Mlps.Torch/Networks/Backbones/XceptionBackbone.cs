using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>Aligned Xception-65: entry flow, sixteen middle blocks, exit flow, all of separable convolutions.</summary>
/// <remarks>Low-level features: block1, activated [N, 128w, H/4, W/4]. High-level: [N, 2048w, H/stride, W/stride]. Chollet 2017, aligned as in Chen et al. 2018.</remarks>
internal sealed class XceptionBackbone : SegmenterBackbone, IFoldable
{
    /// <summary>The last block's number.</summary>
    public const int LastBlock = LastMiddleBlock + 1;

    private const int FirstMiddleBlock = 4;
    private const int LastMiddleBlock = 19;

    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2, bn3, bn4, bn5;
    private readonly SeparableConvolution conv3, conv4, conv5;
    private readonly ConvNorm _first, _second;
    private readonly Module<Tensor, Tensor>[] _blocks;

    public XceptionBackbone(int outputStride, ChannelWidth width)
        : base(nameof(XceptionBackbone))
    {
        var (entryStride, middleDilation, exitDilations) = outputStride switch
        {
            16 => (2, 1, (First: 1, Second: 2)),
            8 => (1, 2, (First: 2, Second: 4)),
            _ => throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, "The output stride of an Xception backbone must be 8 or 16."),
        };
        int c32 = width.Of(32), c64 = width.Of(64), c128 = width.Of(128), c256 = width.Of(256), c728 = width.Of(728);
        int c1024 = width.Of(1024), c1536 = width.Of(1536), c2048 = width.Of(2048);
        conv1 = Convolution.Create3x3(3, c32, stride: 2);
        bn1 = BatchNorm.Create(c32);
        conv2 = Convolution.Create3x3(c32, c64);
        bn2 = BatchNorm.Create(c64);
        _blocks =
        [
            new XceptionBlock("block1", c64, c128, convolutions: 2, stride: 2, startsWithRelu: false),
            new XceptionBlock("block2", c128, c256, convolutions: 2, stride: 2, startsWithRelu: false),
            new XceptionBlock("block3", c256, c728, convolutions: 2, stride: entryStride, endsFlow: true),
            .. Enumerable.Range(FirstMiddleBlock, LastMiddleBlock - FirstMiddleBlock + 1)
                .Select(number => new XceptionBlock($"block{number}", c728, c728, convolutions: 3, dilation: middleDilation)),
            new XceptionBlock($"block{LastBlock}", c728, c1024, convolutions: 2, dilation: exitDilations.First, growsLast: true, endsFlow: true),
        ];
        bn3 = BatchNorm.Create(c1536);
        conv3 = new(c1024, c1536, bn3, dilation: exitDilations.Second);
        bn4 = BatchNorm.Create(c1536);
        conv4 = new(c1536, c1536, bn4, dilation: exitDilations.Second);
        bn5 = BatchNorm.Create(c2048);
        conv5 = new(c1536, c2048, bn5, dilation: exitDilations.Second);
        (_first, _second) = (new(conv1, bn1), new(conv2, bn2));
        LowLevelChannels = c128;
        HighLevelChannels = c2048;
        RegisterComponents();
        foreach (var block in _blocks)
        {
            register_module(block.GetName(), block);
        }
    }

    public IEnumerable<ConvNorm> Folded => [_first, _second];

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var low = functional.relu(_blocks[0].forward(_second.ForwardReLU(_first.ForwardReLU(input))));
        var x = functional.relu(low.Through(_blocks.AsSpan(1..)));
        x = functional.relu(conv3.forward(x), inplace: true);
        x = functional.relu(conv4.forward(x), inplace: true);
        var high = functional.relu(conv5.forward(x), inplace: true);
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }
}
