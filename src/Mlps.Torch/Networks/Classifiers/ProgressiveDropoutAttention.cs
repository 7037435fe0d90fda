using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Progressive dropout attention: weighs features by the mean class activation map after dropping each map's strongest part.</summary>
/// <param name="Threshold">μ in (0, 1]: activations above μ times the map's maximum are dropped; 1 drops nothing.</param>
/// <param name="Divisor">What the sum of the C maps is divided by: C by the paper's equation, 4 in the published code.</param>
/// <remarks>Han et al. 2022, section 3.1.</remarks>
internal sealed record ProgressiveDropoutAttention(double Threshold, double Divisor)
{
    /// <summary>Features [N, K, h, w] times the attention map [N, 1, h, w] that the head's weights [C, K, 1, 1] give.</summary>
    public Tensor Apply(Tensor features, Tensor headWeight)
    {
        using var scope = NewDisposeScope();
        return features.mul(Map(features, headWeight)).MoveToOuterDisposeScope();
    }

    /// <summary>The attention map [N, 1, h, w].</summary>
    public Tensor Map(Tensor features, Tensor headWeight)
    {
        using var scope = NewDisposeScope();
        var maps = nn.functional.relu(nn.functional.conv2d(features, headWeight));
        var limit = maps.detach().amax([2, 3], keepdim: true).mul(Threshold);
        var kept = maps.masked_fill(maps.detach().gt(limit), 0);
        return kept.sum(1, keepdim: true).div(Divisor).MoveToOuterDisposeScope();
    }
}
