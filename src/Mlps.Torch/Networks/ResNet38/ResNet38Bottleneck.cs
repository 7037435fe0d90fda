using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>Pre-activation bottleneck block of ResNet-38 (b6, b7): 1x1, dilated 3x3, 1x1, with channel dropout before the last two.</summary>
/// <remarks>Input [N, in, H, W], output [N, out, H, W]. The shortcut is always a 1x1 convolution of the activated input.</remarks>
internal sealed class ResNet38Bottleneck : Module<Tensor, Tensor>, IFoldable
{
    private readonly BatchNorm2d bn_branch2a;
    private readonly Conv2d conv_branch2a;
    private readonly BatchNorm2d bn_branch2b1;
    private readonly SeededDropout dropout_2b1;
    private readonly Conv2d conv_branch2b1;
    private readonly BatchNorm2d bn_branch2b2;
    private readonly SeededDropout dropout_2b2;
    private readonly Conv2d conv_branch2b2;
    private readonly Conv2d conv_branch1;
    private readonly ConvNorm _first;
    private readonly ConvNorm _second;
    private readonly ConvNorm _third;
    private readonly ConvNorm _shortcut;

    public ResNet38Bottleneck(string name, int inChannels, int firstChannels, int secondChannels, int outChannels, int dilation, double dropout)
        : base(name)
    {
        bn_branch2a = BatchNorm.Create(inChannels);
        conv_branch2a = Convolution.Create1x1(inChannels, firstChannels);
        bn_branch2b1 = BatchNorm.Create(firstChannels);
        dropout_2b1 = SeededDropout.OfChannels(dropout);
        conv_branch2b1 = Convolution.Create3x3(firstChannels, secondChannels, dilation: dilation);
        bn_branch2b2 = BatchNorm.Create(secondChannels);
        dropout_2b2 = SeededDropout.OfChannels(dropout);
        conv_branch2b2 = Convolution.Create1x1(secondChannels, outChannels);
        conv_branch1 = Convolution.Create1x1(inChannels, outChannels);
        _first = new(conv_branch2a, bn_branch2b1);
        _second = new(conv_branch2b1, bn_branch2b2);
        _third = new(conv_branch2b2);
        _shortcut = new(conv_branch1);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_first, _second, _third, _shortcut];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var activated = functional.relu(bn_branch2a.Normalize(input), inplace: true);
        var shortcut = _shortcut.Forward(activated);
        var branch = dropout_2b1.forward(_first.ForwardReLU(activated));
        branch = dropout_2b2.forward(_second.ForwardReLU(branch));
        branch = _third.Forward(branch);
        return branch.add_(shortcut).MoveToOuterDisposeScope();
    }
}
