using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>One branch of atrous spatial pyramid pooling: convolution, BatchNorm, ReLU.</summary>
internal sealed class AtrousBranch : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d atrous_conv;
    private readonly BatchNorm2d bn;
    private readonly ConvNorm _normalized;

    /// <param name="inChannels">Channels of the features.</param>
    /// <param name="outChannels">Channels of the branch.</param>
    /// <param name="dilation">Spacing of the 3x3 taps; null for a 1x1 convolution.</param>
    public AtrousBranch(int inChannels, int outChannels, int? dilation)
        : base(nameof(AtrousBranch))
    {
        atrous_conv = dilation is { } spacing
            ? Convolution.Create3x3(inChannels, outChannels, dilation: spacing)
            : Convolution.Create1x1(inChannels, outChannels);
        bn = BatchNorm.Create(outChannels);
        _normalized = new(atrous_conv, bn);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_normalized];

    /// <summary>Computes with the same weights at another dilation.</summary>
    public void Place(int dilation) => _normalized.Place(stride: 1, dilation, dilation);

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _normalized.ForwardReLU(input).MoveToOuterDisposeScope();
    }
}
