using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>A 3x3 convolution of each channel alone, BatchNorm, then a 1x1 convolution over channels and the BatchNorm after it; no bias.</summary>
/// <remarks>The last BatchNorm belongs to the caller, who registers it by the name that published checkpoints give it.</remarks>
internal sealed class SeparableConvolution : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn;
    private readonly Conv2d pointwise;
    private readonly ConvNorm _depthwise, _pointwise;
    private readonly int _padding;

    public SeparableConvolution(int inChannels, int outChannels, BatchNorm2d norm, int stride = 1, int dilation = 1)
        : base(nameof(SeparableConvolution))
    {
        _padding = dilation;
        conv1 = Convolution.CreateDepthwise3x3(inChannels, stride, dilation);
        bn = BatchNorm.Create(inChannels);
        pointwise = Convolution.Create1x1(inChannels, outChannels);
        _depthwise = new(conv1, bn);
        _pointwise = new(pointwise, norm);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_depthwise, _pointwise];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var padded = functional.pad(input, [_padding, _padding, _padding, _padding]);
        return _pointwise.Forward(_depthwise.Forward(padded)).MoveToOuterDisposeScope();
    }
}
