using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>Pre-activation residual block of ResNet-38: two 3x3 convolutions beside a shortcut.</summary>
/// <remarks>Input [N, in, H, W], output [N, out, H/stride, W/stride]. Wu et al., "Wider or Deeper" (2016); the two convolutions have separate dilations.</remarks>
internal sealed class ResNet38Block : Module<Tensor, Tensor>, IFoldable
{
    private readonly BatchNorm2d bn_branch2a;
    private readonly Conv2d conv_branch2a;
    private readonly BatchNorm2d bn_branch2b1;
    private readonly Conv2d conv_branch2b1;
    private readonly Conv2d? conv_branch1;
    private readonly ConvNorm _first;
    private readonly ConvNorm _second;
    private readonly ConvNorm? _shortcut;

    public ResNet38Block(string name, int inChannels, int midChannels, int outChannels, int stride = 1, int firstDilation = 1, int dilation = 1)
        : base(name)
    {
        bn_branch2a = BatchNorm.Create(inChannels);
        conv_branch2a = Convolution.Create3x3(inChannels, midChannels, stride, firstDilation);
        bn_branch2b1 = BatchNorm.Create(midChannels);
        conv_branch2b1 = Convolution.Create3x3(midChannels, outChannels, dilation: dilation);
        if (inChannels != outChannels || stride != 1)
        {
            conv_branch1 = Convolution.Create1x1(inChannels, outChannels, stride);
            _shortcut = new(conv_branch1);
        }

        _first = new(conv_branch2a, bn_branch2b1);
        _second = new(conv_branch2b1);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _shortcut is null ? [_first, _second] : [_first, _second, _shortcut];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var activated = functional.relu(bn_branch2a.Normalize(input), inplace: true);
        var shortcut = _shortcut is null ? input : _shortcut.Forward(activated);
        var branch = _second.Forward(_first.ForwardReLU(activated));
        return branch.add_(shortcut).MoveToOuterDisposeScope();
    }
}
