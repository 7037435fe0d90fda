using Microsoft.ML;
using Xunit;
using static Mlps.ML.Tests.Evaluation.MaskTable;

namespace Mlps.ML.Tests.Evaluation;

public class SegmentationEvaluatorTests
{
    private static readonly string[] classes = ["gland", "stroma"];

    [Fact]
    public void Evaluate_TwoPatches_SumsOneMatrixOverBoth()
    {
        var metrics = Evaluate(Create([Pair("a", [0, 0, 1, 1], [0, 1, 1, 1]), Pair("b", [1, 2], [0, 0])], classes));

        Assert.Equal(2, metrics.PatchCount);
        Assert.Equal(classes, metrics.ClassNames);
        Assert.Equal(5, metrics.ProtocolA.ConfusionMatrix.Total);
        Assert.Equal(6, metrics.ProtocolB.ConfusionMatrix.Total);
        Assert.Equal(1.0 / 3, metrics.ProtocolA.ClassIoU["gland"], 12);
        Assert.Equal(1.0 / 4, metrics.ProtocolB.ClassIoU["gland"], 12);
        Assert.Equal(2.0 / 4, metrics.ProtocolA.ClassIoU["stroma"], 12);
        Assert.Equal(((1.0 / 3) + (2.0 / 4)) / 2, metrics.ProtocolA.MeanIoU, 12);
        Assert.Equal(3.0 / 5, metrics.ProtocolA.PixelAccuracy, 12);
        Assert.Equal(3.0 / 6, metrics.ProtocolB.PixelAccuracy, 12);
        Assert.Equal(((1.0 / 2) + (2.0 / 3)) / 2, metrics.ProtocolA.MeanClassAccuracy, 12);
    }

    [Fact]
    public void Evaluate_RandomRowsOfManySizes_EqualsCountingEveryPixel()
    {
        var random = new Random(11);
        var rows = new List<Row>();
        var expected = new long[4, 4];
        for (var i = 0; i < 40; i++)
        {
            byte[] truth = new byte[random.Next(1, 5000)], predicted = new byte[truth.Length];
            for (var k = 0; k < truth.Length; k++)
            {
                truth[k] = (byte)random.Next(4);
                predicted[k] = (byte)random.Next(4);
                expected[truth[k], predicted[k]]++;
            }

            rows.Add(Pair($"patch {i}", truth, predicted));
        }

        var metrics = Evaluate(Create(rows, ["a", "b", "c"]));

        for (var t = 0; t < 4; t++)
        {
            for (var p = 0; p < 4; p++)
            {
                Assert.Equal(expected[t, p], metrics.ProtocolB.ConfusionMatrix[t, p]);
                Assert.Equal(t == 3 ? 0 : expected[t, p], metrics.ProtocolA.ConfusionMatrix[t, p]);
            }
        }
    }

    [Fact]
    public void Evaluate_SparseVectors_CountsTheirZeros()
    {
        var row = new Row { Name = "sparse", Mask = new(6, 1, [1], [4]), PredictedMask = new(6, 2, [1, 1], [0, 4]) };

        var metrics = Evaluate(Create([row], classes));

        Assert.Equal(4, metrics.ProtocolA.ConfusionMatrix[0, 0]);
        Assert.Equal(1, metrics.ProtocolA.ConfusionMatrix[0, 1]);
        Assert.Equal(1, metrics.ProtocolA.ConfusionMatrix[1, 1]);
    }

    [Fact]
    public void Evaluate_LongTable_ReadsItOnceAndKeepsNoRows()
    {
        const int Patches = 500;
        var read = 0;
        var alive = new List<WeakReference>();
        IEnumerable<Row> Rows()
        {
            for (var i = 0; i < Patches; i++)
            {
                read++;
                var row = Pair("row", new byte[10_000], new byte[10_000]);
                alive.Add(new WeakReference(row));
                yield return row;
                if (i == Patches - 1)
                {
                    GC.Collect();
                    Assert.InRange(alive.Count(reference => reference.IsAlive), 0, 10);
                }
            }
        }

        var metrics = Evaluate(Create(Rows(), classes));

        Assert.Equal(Patches, read);
        Assert.Equal(Patches, metrics.PatchCount);
        Assert.Equal(Patches * 10_000L, metrics.ProtocolA.ConfusionMatrix[0, 0]);
    }

    [Fact]
    public void Evaluate_NamesPassed_OverrideTheAnnotation()
    {
        var data = Create([Pair("a", [0, 1], [0, 1])], classes);

        var metrics = SegmentationEvaluator.Evaluate(data, "Mask", "PredictedMask", ["TE", "TAS"]);

        Assert.Equal(["TE", "TAS"], metrics.ProtocolB.ClassIoU.Keys);
    }

    [Fact]
    public void Evaluate_NoNamesAnywhere_AsksForThem()
    {
        var error = Assert.Throws<ArgumentException>(() => Evaluate(Create([Pair("a", [0], [0])])));
        Assert.Contains("give the names of the tissues as classNames", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_ColumnsOfDifferentClasses_NamesBoth()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Evaluate(Create([Pair("a", [0], [0])], classes, predictedClasses: ["stroma", "gland"])));
        Assert.Contains("[gland, stroma]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[stroma, gland]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_RepeatedClassName_NamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => Evaluate(Create([Pair("a", [0], [0])], ["gland", "gland"])));
        Assert.Contains("'gland' occurs 2 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_MissingColumn_SaysSoAsMLNetDoes()
    {
        var data = Create([Pair("a", [0], [0])], classes);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => SegmentationEvaluator.Evaluate(data, "Truth", "PredictedMask"));

        Assert.StartsWith("Could not find mask column 'Truth'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_ColumnOfAnotherType_NamesExpectedAndActual()
    {
        var data = Create([Pair("a", [0], [0])], classes);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => SegmentationEvaluator.Evaluate(data, "Mask", "Name"));

        Assert.StartsWith(
            "Schema mismatch for predicted mask column 'Name': expected Vector<Byte>, got String", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_HeightAndWidthSwapped_IsASchemaMismatch()
    {
        var data = Create([Pair("a", new byte[6], new byte[6])], classes, shape: [2, 3], predictedShape: [3, 2]);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(data));

        Assert.Contains("column 'PredictedMask': expected Vector<Byte, 2, 3>, got Vector<Byte, 3, 2>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_UnequalLengths_NamesTheRow()
    {
        var data = Create([Pair("good", [0], [0]), Pair("TCGA-01", new byte[6], new byte[4])], classes);

        var error = Assert.Throws<InvalidOperationException>(() => Evaluate(data));

        Assert.StartsWith("Row 1 ('TCGA-01'): column 'Mask' has 6 pixels and column 'PredictedMask' has 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_RowWithoutTrueMask_NamesTheRow()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Evaluate(Create([Pair("unlabelled", [], [])], classes)));
        Assert.StartsWith("Row 0 ('unlabelled'): column 'Mask' is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_IndexOutOfRange_NamesRowColumnAndValue()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Evaluate(Create([Pair("bad", [0, 1], [0, 7])], classes)));
        Assert.StartsWith(
            "Row 0 ('bad'), column 'PredictedMask': Pixel 1 of the predicted mask has class index 7", error.Message, StringComparison.Ordinal);
    }

    private static SegmentationMetrics Evaluate(IDataView data) => SegmentationEvaluator.Evaluate(data, "Mask", "PredictedMask");
}
