using Mlps.Torch.Validation;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Validation;

public sealed class LabelScoresTests
{
    [Fact]
    public void Compute_MixedPatches_CountsExactSetsAndTheirOverlap()
    {
        using var logits = tensor(new float[,] { { 1, -1, 2 }, { 1, 1, -1 }, { -1, -1, -1 }, { -1, -1, 3 } });
        using var labels = tensor(new float[,] { { 1, 0, 1 }, { 1, 0, 1 }, { 0, 0, 0 }, { 1, 0, 0 } });

        var (exact, overlap) = LabelScores.Compute(logits, labels);

        // Sets: equal; {0, 1} and {0, 2}, one of three in common; both empty; {2} and {0}, nothing in common.
        Assert.Equal(2 / 4.0, exact, 6);
        Assert.Equal((1 + (1 / 3.0) + 1 + 0) / 4, overlap, 6);
    }

    [Fact]
    public void Compute_ProbabilityOfOneHalf_IsNotPredicted()
    {
        using var logits = tensor(new float[,] { { 0, 1e-6f } });
        using var labels = tensor(new float[,] { { 0, 1 } });

        Assert.Equal((1.0, 1.0), LabelScores.Compute(logits, labels));
    }
}
