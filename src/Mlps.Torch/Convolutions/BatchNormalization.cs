using Mlps.Torch.Ranks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Applies BatchNorms.</summary>
internal static class BatchNormalization
{
    /// <summary>The normalised input; in training, by the statistics of the whole batch where ranks share it.</summary>
    public static Tensor Normalize(this BatchNorm2d norm, Tensor input) =>
        norm.training && RankScope.Current is { } ranks ? RankBatchNorm.Normalize(norm, input, ranks) : norm.forward(input);
}
