using Mlps.Torch.Evaluation;
using Mlps.Torch.Validation;
using Xunit;

namespace Mlps.Torch.Tests.Validation;

public sealed class ValidationScoreTests
{
    [Fact]
    public void Compute_TissueThatTheTruthLacks_DoesNotCountAsAClass()
    {
        var matrix = new PixelConfusionMatrix(3);
        matrix.Add([0, 0, 0, 0, 1, 1, 3, 3], [0, 0, 0, 2, 1, 1, 2, 2]);

        Assert.Equal((0.75 + 1) / 2, ValidationScore.Compute(matrix), 12);
        Assert.Equal((0.75 + 1 + 0) / 3, SegmentationScores.Compute(matrix, ScoringProtocol.A).MeanIoU, 12);
    }

    [Fact]
    public void Compute_BackgroundAlone_IsZero()
    {
        var matrix = new PixelConfusionMatrix(2);
        matrix.Add([2, 2], [0, 1]);

        Assert.Equal(0, ValidationScore.Compute(matrix));
    }
}
