using Mlps.Torch.Validation;
using Xunit;

namespace Mlps.Torch.Tests.Validation;

public sealed class AveragePrecisionTests
{
    [Fact]
    public void Compute_MixedRanking_SumsPrecisionAtEachHit() =>
        Assert.Equal(((1 / 1.0) + (2 / 3.0)) / 2, AveragePrecision.Compute([0.9f, 0.8f, 0.7f, 0.1f], [true, false, true, false]), 12);

    [Fact]
    public void Compute_EqualScores_AreTakenTogether() =>
        Assert.Equal(0.5, AveragePrecision.Compute([0.3f, 0.3f, 0.3f, 0.3f], [true, false, true, false]), 12);

    [Fact]
    public void Mean_ClassThatNeverOccurs_DoesNotCount() =>
        Assert.Equal(1, AveragePrecision.Mean([[0.9f, 0.5f], [0.1f, 0.6f]], [[1, 0], [0, 0]]), 12);
}
