using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>MobileNet v2 with dilation in place of the strides that would go below the output stride.</summary>
/// <remarks>
/// Low-level features: the fourth part [N, 24w, H/4, W/4]. High-level: the last block [N, 320w, H/stride, W/stride]. Sandler et al. 2018.
/// Published checkpoints hold every layer twice, as <c>features</c> and once more as <c>low_level_features</c> or <c>high_level_features</c>; the first is read.
/// </remarks>
internal sealed class MobileNetBackbone : SegmenterBackbone, IFoldable
{
    /// <summary>Blocks of the low-level features; with the stem, the first four of the published parts.</summary>
    public const int LowLevelBlocks = 3;

    /// <summary>Expansion, channels, blocks and stride of each group.</summary>
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Groups =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly Sequential features;
    private readonly ConvNorm _stem;
    private readonly Module<Tensor, Tensor>[] _blocks;

    public MobileNetBackbone(int outputStride, ChannelWidth width)
        : base(nameof(MobileNetBackbone))
    {
        var channels = width.Of(32);
        var (first, norm) = (Convolution.Create3x3(3, channels, stride: 2), BatchNorm.Create(channels));
        var blockList = new List<InvertedResidual>();
        int reached = 2, rate = 1;
        foreach (var (expansion, published, blocks, groupStride) in Groups)
        {
            var (stride, dilation) = reached == outputStride ? (1, rate) : (groupStride, 1);
            if (reached == outputStride)
            {
                rate *= groupStride;
            }
            else
            {
                reached *= groupStride;
            }

            for (var block = 0; block < blocks; block++)
            {
                blockList.Add(new InvertedResidual(channels, width.Of(published), block == 0 ? stride : 1, dilation, expansion));
                channels = width.Of(published);
            }
        }

        _stem = new(first, norm);
        _blocks = [.. blockList];
        features = Sequential([Sequential(first, norm, ReLU6()), .. _blocks]);
        LowLevelChannels = width.Of(24);
        HighLevelChannels = channels;
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_stem];

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var low = _stem.ForwardReLU6(input).Through(_blocks.AsSpan(..LowLevelBlocks));
        var high = low.Through(_blocks.AsSpan(LowLevelBlocks..));
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }
}
