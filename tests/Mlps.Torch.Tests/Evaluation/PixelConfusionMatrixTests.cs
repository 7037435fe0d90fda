using Mlps.Torch.Evaluation;
using Xunit;

namespace Mlps.Torch.Tests.Evaluation;

public class ConfusionMatrixTests
{
    [Fact]
    public void Add_HandCountedMasks_CountsEveryPair()
    {
        var matrix = new PixelConfusionMatrix(2);

        matrix.Add([0, 0, 1, 2, 1, 0], [0, 1, 1, 0, 2, 0]);

        Assert.Equal(2, matrix[0, 0]);
        Assert.Equal(1, matrix[0, 1]);
        Assert.Equal(0, matrix[0, 2]);
        Assert.Equal(0, matrix[1, 0]);
        Assert.Equal(1, matrix[1, 1]);
        Assert.Equal(1, matrix[1, 2]);
        Assert.Equal(1, matrix[2, 0]);
        Assert.Equal(0, matrix[2, 1]);
        Assert.Equal(0, matrix[2, 2]);
        Assert.Equal(6, matrix.Total);
    }

    // Class counts on both sides of every change of algorithm (sides 8 and 16); lengths around vectors and blocks of 255 vectors.
    public static TheoryData<int, int> Sizes()
    {
        var sizes = new TheoryData<int, int>();
        foreach (var classes in (int[])[1, 2, 4, 7, 8, 15, 16, 40, 255])
        {
            foreach (var length in (int[])[0, 1, 31, 32, 65, 1000, 224 * 224, 255 * 64, (255 * 64) + 1, 100_003])
            {
                sizes.Add(classes, length);
            }
        }

        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Add_RandomMasks_EqualsTheNaiveLoop(int classes, int length)
    {
        var random = new Random(classes + length);
        byte[] truth = Mask(random, classes + 1, length), predicted = Mask(random, classes + 1, length);
        var expected = new long[classes + 1, classes + 1];
        for (var i = 0; i < length; i++)
        {
            expected[truth[i], predicted[i]]++;
        }

        var matrix = new PixelConfusionMatrix(classes);
        matrix.Add(truth, predicted);

        AssertCounts(expected, matrix);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(30)]
    public void Add_OneClassEverywhere_DoesNotOverflowALane(int classes)
    {
        const int Length = 1 << 20;
        var mask = new byte[Length];
        Array.Fill(mask, (byte)classes);
        var matrix = new PixelConfusionMatrix(classes);

        matrix.Add(mask, mask);

        Assert.Equal(Length, matrix[classes, classes]);
        Assert.Equal(Length, matrix.Total);
    }

    [Fact]
    public void Add_Twice_SumsTheCounts()
    {
        var matrix = new PixelConfusionMatrix(3);

        matrix.Add([1, 2], [1, 3]);
        matrix.Add([1, 2], [1, 0]);

        Assert.Equal(2, matrix[1, 1]);
        Assert.Equal(1, matrix[2, 3]);
        Assert.Equal(1, matrix[2, 0]);
        Assert.Equal(4, matrix.Total);
    }

    [Theory]
    [InlineData(4, 5, 0)]
    [InlineData(4, 5, 77)]
    [InlineData(4, 255, 40_000)]
    [InlineData(12, 13, 40_000)]
    [InlineData(12, 16, 99)]
    [InlineData(30, 31, 99)]
    public void Add_IndexOutOfRange_NamesPixelAndValueAndChangesNothing(int classes, byte wrong, int at)
    {
        var good = new byte[50_000];
        var bad = new byte[50_000];
        bad[at] = wrong;
        var matrix = new PixelConfusionMatrix(classes);
        matrix.Add([0], [0]);

        var inTruth = Assert.Throws<ArgumentException>(() => matrix.Add(bad, good));
        var inPrediction = Assert.Throws<ArgumentException>(() => matrix.Add(good, bad));

        Assert.Equal("truth", inTruth.ParamName);
        Assert.Contains($"Pixel {at} of the true mask has class index {wrong}", inTruth.Message, StringComparison.Ordinal);
        Assert.Equal("predicted", inPrediction.ParamName);
        Assert.Contains($"Pixel {at} of the predicted mask has class index {wrong}", inPrediction.Message, StringComparison.Ordinal);
        Assert.Equal(1, matrix.Total);
    }

    [Fact]
    public void Add_UnequalLengths_NamesBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => new PixelConfusionMatrix(2).Add(new byte[4], new byte[6]));
        Assert.Contains("4 pixels", error.Message, StringComparison.Ordinal);
        Assert.Contains("6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_PartsOfASet_EqualsTheWhole()
    {
        var random = new Random(5);
        byte[] truth = Mask(random, 5, 3000), predicted = Mask(random, 5, 3000);
        PixelConfusionMatrix whole = new(4), left = new(4), right = new(4);
        whole.Add(truth, predicted);

        left.Add(truth.AsSpan(0, 1234), predicted.AsSpan(0, 1234));
        right.Add(truth.AsSpan(1234), predicted.AsSpan(1234));
        left.Merge(right);

        for (var t = 0; t < 5; t++)
        {
            for (var p = 0; p < 5; p++)
            {
                Assert.Equal(whole[t, p], left[t, p]);
            }
        }
    }

    [Fact]
    public void Merge_OtherClassCount_NamesBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => new PixelConfusionMatrix(2).Merge(new PixelConfusionMatrix(3)));
        Assert.Contains("3 classes into one of 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void Constructor_ClassCountOutOfRange_NamesIt(int classes)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new PixelConfusionMatrix(classes));
        Assert.Equal(classes, error.ActualValue);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 3)]
    public void Indexer_OutOfRange_Throws(int truth, int predicted)
    {
        var matrix = new PixelConfusionMatrix(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix[truth, predicted]);
    }

    private static byte[] Mask(Random random, int side, int length)
    {
        var mask = new byte[length];
        for (var i = 0; i < length; i++)
        {
            mask[i] = (byte)random.Next(side);
        }

        return mask;
    }

    private static void AssertCounts(long[,] expected, PixelConfusionMatrix matrix)
    {
        for (var t = 0; t < expected.GetLength(0); t++)
        {
            for (var p = 0; p < expected.GetLength(1); p++)
            {
                Assert.Equal(expected[t, p], matrix[t, p]);
            }
        }
    }
}
