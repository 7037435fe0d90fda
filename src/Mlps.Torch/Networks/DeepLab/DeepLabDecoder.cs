using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>DeepLab v3+'s decoder: joins the pyramid's features with low-level ones and classifies each pixel.</summary>
/// <remarks>Inputs: pyramid [N, P, h, w] and low-level features [N, L, h', w']; output logits [N, C, h', w'].</remarks>
internal sealed class DeepLabDecoder : Module<Tensor, Tensor, int?, Tensor>, IFoldable
{
    /// <summary>Dropout after the second convolution over that after the first: 0.1 and 0.5 in the published code.</summary>
    private const double SecondDropout = 0.2;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential last_conv;
    private readonly SeededDropout[] _dropouts;
    private readonly ConvNorm _low, _first, _second, _head;

    public DeepLabDecoder(int lowLevelChannels, int reducedChannels, int pyramidChannels, int classCount, double dropoutRate)
        : base(nameof(DeepLabDecoder))
    {
        conv1 = Convolution.Create1x1(lowLevelChannels, reducedChannels);
        bn1 = BatchNorm.Create(reducedChannels);
        var (firstConvolution, firstNorm) = (Convolution.Create3x3(pyramidChannels + reducedChannels, pyramidChannels), BatchNorm.Create(pyramidChannels));
        var (secondConvolution, secondNorm) = (Convolution.Create3x3(pyramidChannels, pyramidChannels), BatchNorm.Create(pyramidChannels));
        _dropouts = [SeededDropout.OfElements(dropoutRate), SeededDropout.OfElements(SecondDropout * dropoutRate)];
        var classifier = Convolution.Create1x1(pyramidChannels, classCount, bias: true);
        last_conv = Sequential(firstConvolution, firstNorm, ReLU(), _dropouts[0], secondConvolution, secondNorm, ReLU(), _dropouts[1], classifier);
        _low = new(conv1, bn1);
        _first = new(firstConvolution, firstNorm);
        _second = new(secondConvolution, secondNorm);
        _head = new(classifier);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => [_low, _first, _second, _head];

    /// <param name="pyramid">The pyramid's features.</param>
    /// <param name="lowLevel">The low-level features.</param>
    /// <param name="factor">How many times coarser the pyramid's are, where both have fixed places; otherwise they span the image.</param>
    public override Tensor forward(Tensor pyramid, Tensor lowLevel, int? factor)
    {
        using var scope = NewDisposeScope();
        var low = _low.ForwardReLU(lowLevel);
        var high = factor is { } times ? FeatureGrid.Enlarge(pyramid, times, low.shape[2], low.shape[3]) : FeatureGrid.Stretch(pyramid, low.shape[2], low.shape[3]);
        var x = _dropouts[0].forward(_first.ForwardReLU(cat([high, low], dim: 1)));
        x = _dropouts[1].forward(_second.ForwardReLU(x));
        return _head.Forward(x).MoveToOuterDisposeScope();
    }
}
