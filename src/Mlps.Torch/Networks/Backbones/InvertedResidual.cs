using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>MobileNet v2's block: widen by 1x1, filter each channel by 3x3, narrow by 1x1 without activation.</summary>
/// <remarks>
/// The block's input is padded before it is widened, as in the networks that published weights were trained in; the border that the 3x3 filters see is
/// therefore the widened value of 0, not 0.
/// </remarks>
internal sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly int _padding;
    private readonly bool _addsInput;

    public InvertedResidual(int inChannels, int outChannels, int stride, int dilation, int expansion)
        : base(nameof(InvertedResidual))
    {
        var hidden = inChannels * expansion;
        _padding = dilation;
        _addsInput = stride == 1 && inChannels == outChannels;
        var parts = new List<Module<Tensor, Tensor>>();
        if (expansion != 1)
        {
            parts.AddRange([Convolution.Of1x1(inChannels, hidden), BatchNorm.Of(hidden), ReLU6()]);
        }

        parts.AddRange([Convolution.Depthwise3x3(hidden, stride, dilation), BatchNorm.Of(hidden), ReLU6()]);
        parts.AddRange([Convolution.Of1x1(hidden, outChannels), BatchNorm.Of(outChannels)]);
        conv = Sequential(parts);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var branch = Autocast.Run(conv, functional.pad(input, [_padding, _padding, _padding, _padding]));
        return (_addsInput ? input.add(branch) : branch).MoveToOuterDisposeScope();
    }
}
