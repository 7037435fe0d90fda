using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Random starting weights, fixed by a seed.</summary>
internal static class Initialization
{
    private const long LargestDraw = 1 << 20;

    /// <summary>Draws convolutions from He et al.'s normal distribution (2015, fan-in, ReLU); BatchNorm starts as the identity, biases at 0.</summary>
    /// <remarks>A classification layer is drawn from Glorot and Bengio's uniform distribution (2010), so that its outputs start near 0: larger ones close the attention in the first steps.</remarks>
    /// <param name="module">The network, or a layer.</param>
    /// <param name="seed">What the weights are drawn from.</param>
    /// <param name="head">The classifying layer that starts near 0, or null for none.</param>
    public static void Draw(nn.Module module, long seed, Conv2d? head = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(0, CPU);
        generator.manual_seed(seed);
        Conv2d[] convolutions = [.. module.modules().Prepend(module).OfType<Conv2d>()];
        Skip(generator, convolutions.Sum(convolution => convolution.weight.numel() + (convolution.bias?.numel() ?? 0)));
        foreach (var convolution in convolutions)
        {
            KaimingNormal(convolution, generator);
        }

        if (head is not null)
        {
            XavierUniform(head.weight, generator);
        }
    }

    private static void KaimingNormal(Conv2d convolution, Generator generator)
    {
        var inputs = convolution.weight[0].numel();
        convolution.weight.normal_(0, Math.Sqrt(2) / Math.Sqrt(inputs), generator);
        convolution.bias?.zero_();
    }

    private static void XavierUniform(Tensor weight, Generator generator)
    {
        var (inputs, outputs) = (weight[0].numel(), weight.shape[0] * weight[0, 0].numel());
        var bound = Math.Sqrt(3) * Math.Sqrt(2.0 / (inputs + outputs));
        weight.uniform_(-bound, bound, generator);
    }

    /// <summary>Leaves out as many numbers as TorchSharp's own constructors draw, so that a seed gives the weights that it would give after <c>torch.manual_seed</c>.</summary>
    private static void Skip(Generator generator, long count)
    {
        using var unused = empty(Math.Min(count, LargestDraw), ScalarType.Float32, CPU);
        for (var left = count; left > 0; left -= LargestDraw)
        {
            using var part = unused.narrow(0, 0, Math.Min(left, LargestDraw));
            part.uniform_(0, 1, generator);
        }
    }
}
