using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

/// <summary>The smallest network with a convolution, a normalisation and a last layer.</summary>
internal sealed class SpelledNet : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _conv = nn.Conv2d(3, 2, 1, bias: false);
    private readonly nn.Module<Tensor, Tensor> _bn = nn.BatchNorm2d(2);
    private readonly nn.Module<Tensor, Tensor> _fc8 = nn.Conv2d(2, 4, 1, bias: false);

    public SpelledNet()
        : base(nameof(SpelledNet))
    {
        register_module("conv", _conv);
        register_module("bn", _bn);
        register_module("fc8", _fc8);
    }

    public override Tensor forward(Tensor input) => _fc8.forward(_bn.forward(_conv.forward(input)));

    /// <summary>The one value that all weights have, or NaN where they differ.</summary>
    public float TheValue()
    {
        float[] values = [.. state_dict().Where(item => item.Value.is_floating_point()).SelectMany(item => item.Value.detach().to_type(ScalarType.Float32).data<float>().ToArray()).Distinct()];
        return values.Length == 1 ? values[0] : float.NaN;
    }
}
