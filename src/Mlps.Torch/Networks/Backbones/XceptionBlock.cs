using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>A residual block of separable convolutions.</summary>
/// <remarks>
/// Where the block starts with a ReLU, the shortcut starts from the activated input as well: in the networks that published weights were trained in, that ReLU
/// overwrites its input.
/// </remarks>
internal sealed class XceptionBlock : Module<Tensor, Tensor>, IFoldable
{
    private readonly Sequential rep;
    private readonly Conv2d? skip;
    private readonly BatchNorm2d? skipbn;
    private readonly ConvNorm? _shortcut;
    private readonly SeparableConvolution[] _convolutions;
    private readonly bool _startsWithRelu;

    /// <param name="name">The block's name.</param>
    /// <param name="inChannels">Channels in.</param>
    /// <param name="outChannels">Channels out.</param>
    /// <param name="convolutions">Separable convolutions before the strided or last one.</param>
    /// <param name="stride">Above 1, a strided separable convolution ends the block.</param>
    /// <param name="dilation">Spacing of taps in all but the last convolution.</param>
    /// <param name="startsWithRelu">Whether the input is activated first.</param>
    /// <param name="growsLast">Whether channels grow in the last of <paramref name="convolutions"/>, not in the first.</param>
    /// <param name="endsFlow">Whether an undilated separable convolution ends a block of stride 1.</param>
    public XceptionBlock(
        string name, int inChannels, int outChannels, int convolutions, int stride = 1, int dilation = 1, bool startsWithRelu = true, bool growsLast = false, bool endsFlow = false)
        : base(name)
    {
        _startsWithRelu = startsWithRelu;
        if (outChannels != inChannels || stride != 1)
        {
            skip = Convolution.Create1x1(inChannels, outChannels, stride);
            skipbn = BatchNorm.Create(outChannels);
            _shortcut = new(skip, skipbn);
        }

        var parts = new List<Module<Tensor, Tensor>>();
        for (var i = 0; i < convolutions; i++)
        {
            var from = i == 0 || growsLast ? inChannels : outChannels;
            var to = growsLast && i < convolutions - 1 ? inChannels : outChannels;
            var norm = BatchNorm.Create(to);
            parts.AddRange([ReLU(), new SeparableConvolution(from, to, norm, dilation: dilation), norm]);
        }

        if (stride != 1 || endsFlow)
        {
            var norm = BatchNorm.Create(outChannels);
            parts.AddRange([ReLU(), new SeparableConvolution(outChannels, outChannels, norm, stride), norm]);
        }

        rep = Sequential(startsWithRelu ? parts : parts[1..]);
        _convolutions = [.. parts.OfType<SeparableConvolution>()];
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _shortcut is null ? [] : [_shortcut];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var activated = _startsWithRelu ? functional.relu(input) : input;
        var branch = _convolutions[0].forward(activated);
        foreach (var convolution in _convolutions.AsSpan(1..))
        {
            branch = convolution.forward(functional.relu(branch, inplace: true));
        }

        return branch.add(_shortcut is null ? activated : _shortcut.Forward(activated)).MoveToOuterDisposeScope();
    }
}
