using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>The uncertainty that class probabilities themselves tell of.</summary>
internal static class PixelEntropy
{
    /// <summary>The smallest normal number: its logarithm is finite, so that a probability of 0 adds 0.</summary>
    private const double Smallest = 1.2e-38;

    /// <summary>Entropies [N, H, W] from 0 to 1 of probabilities [N, C, H, W]; 0 where there is one class only.</summary>
    public static Tensor Of(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        var classes = probabilities.shape[1];
        var entropy = classes == 1
            ? zeros_like(probabilities.select(1, 0))
            : probabilities.mul(probabilities.clamp_min(Smallest).log_()).sum(1).div_(-Math.Log(classes)).clamp_(0, 1);
        return entropy.MoveToOuterDisposeScope();
    }
}
