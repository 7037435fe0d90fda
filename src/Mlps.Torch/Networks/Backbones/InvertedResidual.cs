using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>MobileNet v2's block: widen by 1x1, filter each channel by 3x3, narrow by 1x1 without activation.</summary>
/// <remarks>
/// The block's input is padded before it is widened, as in the networks that published weights were trained in; the border that the 3x3 filters see is
/// therefore the widened value of 0, not 0.
/// </remarks>
internal sealed class InvertedResidual : Module<Tensor, Tensor>, IFoldable
{
    private readonly Sequential conv;
    private readonly ConvNorm? _widen;
    private readonly ConvNorm _filter, _narrow;
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
            var (widen, widenNorm) = (Convolution.Create1x1(inChannels, hidden), BatchNorm.Create(hidden));
            parts.AddRange([widen, widenNorm, ReLU6()]);
            _widen = new(widen, widenNorm);
        }

        var (filter, filterNorm) = (Convolution.CreateDepthwise3x3(hidden, stride, dilation), BatchNorm.Create(hidden));
        var (narrow, narrowNorm) = (Convolution.Create1x1(hidden, outChannels), BatchNorm.Create(outChannels));
        parts.AddRange([filter, filterNorm, ReLU6(), narrow, narrowNorm]);
        _filter = new(filter, filterNorm);
        _narrow = new(narrow, narrowNorm);
        conv = Sequential(parts);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _widen is null ? [_filter, _narrow] : [_widen, _filter, _narrow];

    /// <summary>Whether the input is added to what the block computes.</summary>
    public bool AddsInput => _addsInput;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var padded = functional.pad(input, [_padding, _padding, _padding, _padding]);
        var widened = _widen is null ? padded : _widen.ForwardReLU6(padded);
        var branch = _narrow.Forward(_filter.ForwardReLU6(widened));
        return (_addsInput ? input.add(branch) : branch).MoveToOuterDisposeScope();
    }
}
