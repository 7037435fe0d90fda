using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>Post-activation bottleneck of ResNet-50 and deeper: 1x1, 3x3, 1x1 with four times the channels out.</summary>
internal sealed class ResNetBottleneck : Module<Tensor, Tensor>, IFoldable
{
    /// <summary>Output channels as a multiple of the block's inner channels.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly Sequential? downsample;
    private readonly ConvNorm _first, _second, _third;
    private readonly ConvNorm? _shortcut;

    public ResNetBottleneck(int inChannels, int channels, int stride, int dilation, bool project)
        : base(nameof(ResNetBottleneck))
    {
        conv1 = Convolution.Create1x1(inChannels, channels);
        bn1 = BatchNorm.Create(channels);
        conv2 = Convolution.Create3x3(channels, channels, stride, dilation);
        bn2 = BatchNorm.Create(channels);
        conv3 = Convolution.Create1x1(channels, channels * Expansion);
        bn3 = BatchNorm.Create(channels * Expansion);
        if (project)
        {
            var (projection, norm) = (Convolution.Create1x1(inChannels, channels * Expansion, stride), BatchNorm.Create(channels * Expansion));
            downsample = Sequential(projection, norm);
            _shortcut = new(projection, norm);
        }

        _first = new(conv1, bn1);
        _second = new(conv2, bn2);
        _third = new(conv3, bn3);

        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _shortcut is null ? [_first, _second, _third] : [_first, _second, _third, _shortcut];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _third.Forward(_second.ForwardReLU(_first.ForwardReLU(input)));
        var shortcut = _shortcut is null ? input : _shortcut.Forward(input);
        return functional.relu(x.add_(shortcut), inplace: true).MoveToOuterDisposeScope();
    }

    /// <summary>Blocks one after the other, one for each dilation; the first one changes channels and stride.</summary>
    public static Sequential Stage(int inChannels, int channels, int stride, int[] dilations)
    {
        var blocks = new List<Module<Tensor, Tensor>>(dilations.Length);
        var input = inChannels;
        foreach (var dilation in dilations)
        {
            var first = blocks.Count == 0;
            var changesShape = stride != 1 || inChannels != channels * Expansion;
            blocks.Add(new ResNetBottleneck(input, channels, first ? stride : 1, dilation, project: first && changesShape));
            input = channels * Expansion;
        }

        return Sequential(blocks);
    }
}
