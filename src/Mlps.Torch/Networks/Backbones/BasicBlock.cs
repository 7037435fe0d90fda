using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>Post-activation residual block of ResNet-18 and -34: two 3x3 convolutions beside a shortcut.</summary>
/// <remarks>Input [N, in, H, W], output [N, channels, ⌈H/stride⌉, ⌈W/stride⌉].</remarks>
internal sealed class BasicBlock : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;
    private readonly ConvNorm _first, _second;
    private readonly ConvNorm? _shortcut;
    private readonly bool _padsBefore;
    private bool _padsHere;

    /// <summary>Makes the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="channels">Channels of its output.</param>
    /// <param name="stride">Stride of the first convolution and the shortcut.</param>
    /// <param name="dilation">Dilation of the convolutions.</param>
    /// <param name="firstDilation">The first convolution's own dilation, or null for the same.</param>
    /// <param name="padsBefore">Whether a strided convolution is padded above and to the left alone (<see cref="StridedPadding"/>), and not on all sides.</param>
    public BasicBlock(int inChannels, int channels, int stride = 1, int dilation = 1, int? firstDilation = null, bool padsBefore = false)
        : base(nameof(BasicBlock))
    {
        _padsBefore = padsBefore;
        _padsHere = padsBefore && stride > 1;
        conv1 = _padsHere ? Convolution.CreateUnpadded(inChannels, channels, kernel: 3, stride) : Convolution.Create3x3(inChannels, channels, stride, firstDilation ?? dilation);
        bn1 = BatchNorm.Create(channels);
        conv2 = Convolution.Create3x3(channels, channels, dilation: dilation);
        bn2 = BatchNorm.Create(channels);
        if (stride != 1 || inChannels != channels)
        {
            var (projection, norm) = (Convolution.Create1x1(inChannels, channels, stride), BatchNorm.Create(channels));
            downsample = Sequential(projection, norm);
            _shortcut = new(projection, norm);
        }

        _first = new(conv1, bn1);
        _second = new(conv2, bn2);

        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _shortcut is null ? [_first, _second] : [_first, _second, _shortcut];

    /// <summary>Computes with the same weights at another stride, which must be 1 or 2; parameters as in the constructor.</summary>
    public void Place(int stride, int dilation, int firstDilation)
    {
        _padsHere = _padsBefore && stride > 1;
        _first.Place(stride, _padsHere ? 0 : firstDilation, firstDilation);
        _second.Place(stride: 1, dilation, dilation);
        _shortcut?.Place(stride, padding: 0, dilation: 1);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _second.Forward(_first.ForwardReLU(_padsHere ? StridedPadding.Pad(input, kernel: 3) : input));
        var shortcut = _shortcut is null ? input : _shortcut.Forward(input);
        return functional.relu(x.add_(shortcut), inplace: true).MoveToOuterDisposeScope();
    }
}
