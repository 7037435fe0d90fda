using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>A 3x3 convolution of each channel alone, BatchNorm, then a 1x1 convolution over channels; no bias.</summary>
internal sealed class SeparableConvolution : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn;
    private readonly Conv2d pointwise;
    private readonly int _padding;

    public SeparableConvolution(int inChannels, int outChannels, int stride = 1, int dilation = 1)
        : base(nameof(SeparableConvolution))
    {
        _padding = dilation;
        conv1 = Convolution.Depthwise3x3(inChannels, stride, dilation);
        bn = BatchNorm.Of(inChannels);
        pointwise = Convolution.Of1x1(inChannels, outChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var padded = functional.pad(input, [_padding, _padding, _padding, _padding]);
        return Autocast.Run(pointwise, bn.forward(Autocast.Run(conv1, padded))).MoveToOuterDisposeScope();
    }
}
