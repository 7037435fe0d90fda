using Mlps.Torch.Evaluation;
using Xunit;

namespace Mlps.Torch.Tests.Evaluation;

public class SegmentationScoresTests
{
    // Two tissues and background (2), ten pixels.
    private static readonly byte[] truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
    private static readonly byte[] predicted = [0, 0, 1, 2, 1, 1, 0, 0, 2, 2];

    /// <summary>Published figures of the method's own evaluation on the fixtures' masks: pixels of true background dropped.</summary>
    [Theory]
    [InlineData("metric_gt", "metric_pred", 0.7613821138211382, 0.7614222936400078, 0.6149795570879871, 0.6148414289577371,
        0.6125511596180082, 0.6154806491885143, 0.6276150627615062, 0.6042713567839196)]
    [InlineData("metric_absent_gt", "metric_absent_pred", 0.6085365853658536, 0.6708260865334815, 0.4637109702524089, 0.4411909808526753,
        0.6125511596180082, 0.39770279971284994, 0.3808789514263685, double.NaN)]
    [InlineData("metric_absent_gt", "metric_ghost_pred", 0.5845528455284553, 0.644858342687841, 0.3395105579648892, 0.42933327129750254,
        0.6049723756906077, 0.38648052902277735, 0.3665893271461717, 0.0)]
    public void Compute_ProtocolA_EqualsThePublishedMetric(
        string truthName, string predictedName, double accuracy, double classAccuracy, double meanIoU, double weightedIoU,
        double iou0, double iou1, double iou2, double iou3)
    {
        var matrix = new PixelConfusionMatrix(4);
        matrix.Add(Fixture(truthName), Fixture(predictedName));

        var scores = SegmentationScores.Compute(matrix, ScoringProtocol.A);

        Assert.Equal(accuracy, scores.PixelAccuracy, 12);
        Assert.Equal(classAccuracy, scores.MeanClassAccuracy, 12);
        Assert.Equal(meanIoU, scores.MeanIoU, 12);
        Assert.Equal(weightedIoU, scores.FrequencyWeightedIoU, 12);
        double[] expected = [iou0, iou1, iou2, iou3];
        for (var c = 0; c < 4; c++)
        {
            Assert.Equal(expected[c], scores.ClassIoU[c], 12);
        }
    }

    [Fact]
    public void Compute_ProtocolA_CountsPredictedBackgroundOnTissueAsAMiss()
    {
        var scores = Compute(ScoringProtocol.A);

        Assert.Equal(7, scores.ConfusionMatrix.Total);
        Assert.Equal(2.0 / 5, scores.ClassIoU[0], 12);   // 2 hits, 2 misses, 1 false alarm inside tissue
        Assert.Equal(2.0 / 4, scores.ClassIoU[1], 12);
        Assert.Equal((0.4 + 0.5) / 2, scores.MeanIoU, 12);
        Assert.Equal(4.0 / 7, scores.PixelAccuracy, 12);
        Assert.Equal(((2.0 / 4) + (2.0 / 3)) / 2, scores.MeanClassAccuracy, 12);
        Assert.Equal(((4 * 0.4) + (3 * 0.5)) / 7, scores.FrequencyWeightedIoU, 12);
    }

    [Fact]
    public void Compute_ProtocolB_CountsBackgroundAsAClassButAveragesOverTissues()
    {
        var scores = Compute(ScoringProtocol.B);

        Assert.Equal(10, scores.ConfusionMatrix.Total);
        Assert.Equal(2, scores.ClassIoU.Count);
        Assert.Equal(2.0 / 6, scores.ClassIoU[0], 12);   // one more false alarm, on background
        Assert.Equal(2.0 / 4, scores.ClassIoU[1], 12);
        Assert.Equal(((2.0 / 6) + 0.5) / 2, scores.MeanIoU, 12);
        Assert.Equal(6.0 / 10, scores.PixelAccuracy, 12);
        Assert.Equal(((2.0 / 4) + (2.0 / 3)) / 2, scores.MeanClassAccuracy, 12);
        Assert.Equal(((4 * 2.0 / 6) + (3 * 0.5) + (3 * 2.0 / 4)) / 10, scores.FrequencyWeightedIoU, 12);
    }

    [Theory]
    [InlineData(ScoringProtocol.A)]
    [InlineData(ScoringProtocol.B)]
    public void Compute_NoPixels_IsNaNEverywhere(ScoringProtocol protocol)
    {
        var scores = SegmentationScores.Compute(new PixelConfusionMatrix(3), protocol);

        Assert.All(
            [scores.MeanIoU, scores.FrequencyWeightedIoU, scores.PixelAccuracy, scores.MeanClassAccuracy, .. scores.ClassIoU],
            value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public void Compute_WithoutBackground_GivesBothProtocolsTheSameScores()
    {
        var random = new Random(3);
        byte[] first = new byte[5000], second = new byte[5000];
        for (var i = 0; i < first.Length; i++)
        {
            first[i] = (byte)random.Next(3);
            second[i] = random.Next(2) == 0 ? first[i] : (byte)random.Next(3);
        }

        var matrix = new PixelConfusionMatrix(3);
        matrix.Add(first, second);
        var a = SegmentationScores.Compute(matrix, ScoringProtocol.A);
        var b = SegmentationScores.Compute(matrix, ScoringProtocol.B);

        Assert.Equal(a.ClassIoU, b.ClassIoU);
        Assert.Equal(a.MeanIoU, b.MeanIoU);
        Assert.Equal(a.FrequencyWeightedIoU, b.FrequencyWeightedIoU);
        Assert.Equal(a.PixelAccuracy, b.PixelAccuracy);
        Assert.Equal(a.MeanClassAccuracy, b.MeanClassAccuracy);
        Assert.InRange(a.MeanIoU, 0.4, 0.7);
    }

    [Fact]
    public void Compute_LaterAdditions_LeaveTheScoresAlone()
    {
        var matrix = new PixelConfusionMatrix(2);
        matrix.Add([0], [0]);
        var scores = SegmentationScores.Compute(matrix, ScoringProtocol.B);

        matrix.Add([1], [0]);

        Assert.Equal(1, scores.ConfusionMatrix.Total);
    }

    private static SegmentationScores Compute(ScoringProtocol protocol)
    {
        var matrix = new PixelConfusionMatrix(2);
        matrix.Add(truth, predicted);
        return SegmentationScores.Compute(matrix, protocol);
    }

    private static byte[] Fixture(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Evaluation", "Fixtures", name + ".bin"));
}
