using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>Atrous spatial pyramid pooling: the features seen at four dilations and as a whole, then mixed.</summary>
/// <remarks>Input [N, in, h, w], output [N, out, h, w]. Published dilations: 6, 12, 18 at output stride 16 and twice that at 8 (Chen et al. 2018).</remarks>
internal sealed class AtrousPyramid : Module<Tensor, Tensor>, IFoldable
{
    private const int LocalBranches = 4;

    private readonly AtrousBranch aspp1, aspp2, aspp3, aspp4;
    private readonly Sequential? global_avg_pool;
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly SeededDropout dropout;
    private readonly ConvNorm? _pooled;
    private readonly ConvNorm _mixed;

    /// <param name="inChannels">Channels of the features.</param>
    /// <param name="outChannels">Channels of the result.</param>
    /// <param name="dilation">That of the first atrous branch; the others have twice and three times as much.</param>
    /// <param name="poolsImage">Whether a fifth branch sees the mean over the whole image.</param>
    /// <param name="dropoutRate">Dropout of the result.</param>
    public AtrousPyramid(int inChannels, int outChannels, int dilation, bool poolsImage, double dropoutRate)
        : base(nameof(AtrousPyramid))
    {
        aspp1 = new(inChannels, outChannels, dilation: null);
        aspp2 = new(inChannels, outChannels, dilation);
        aspp3 = new(inChannels, outChannels, 2 * dilation);
        aspp4 = new(inChannels, outChannels, 3 * dilation);
        if (poolsImage)
        {
            var (pooledConvolution, pooledNorm) = (Convolution.Create1x1(inChannels, outChannels), BatchNorm.Create(outChannels));
            global_avg_pool = Sequential(AdaptiveAvgPool2d(1), pooledConvolution, pooledNorm, ReLU());
            _pooled = new(pooledConvolution, pooledNorm);
        }

        conv1 = Convolution.Create1x1((LocalBranches + (poolsImage ? 1 : 0)) * outChannels, outChannels);
        bn1 = BatchNorm.Create(outChannels);
        dropout = SeededDropout.OfElements(dropoutRate);
        _mixed = new(conv1, bn1);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _pooled is null ? [_mixed] : [_pooled, _mixed];

    /// <summary>Computes with the same weights at other dilations: that of the first branch, twice and three times as much.</summary>
    public void Place(int dilation)
    {
        foreach (var (index, branch) in new[] { aspp2, aspp3, aspp4 }.Index())
        {
            branch.Place((index + 1) * dilation);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        List<Tensor> branches = [aspp1.forward(input), aspp2.forward(input), aspp3.forward(input), aspp4.forward(input)];
        if (_pooled is not null)
        {
            branches.Add(_pooled.ForwardReLU(functional.adaptive_avg_pool2d(input, 1)).expand(-1, -1, input.shape[2], input.shape[3]));
        }

        var pyramid = cat(branches, dim: 1);
        return dropout.forward(_mixed.ForwardReLU(pyramid)).MoveToOuterDisposeScope();
    }
}
