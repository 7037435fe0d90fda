using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.LoadProbe;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>What reading a stage's table computes, and what it leaves undone.</summary>
public sealed class BatchedViewTests
{
    private readonly MLContext _ml = new();

    [Fact]
    public void Transform_NothingRead_ReadsAndComputesNothing()
    {
        var table = new CountingTable(rows: 5);
        var stage = CreateStage();

        var view = stage.Transform(table);

        Assert.Equal(["Name", "Image", "Number", "When", "Kind", "Weights", "Words", "MeanColor", "Reds", "Area"], view.Schema.Select(column => column.Name));
        Assert.Equal(5, view.GetRowCount());
        Assert.Equal(0, table.Cursors);
        Assert.Empty(stage.Computed);
    }

    [Fact]
    public void Cursor_NoResultActive_PassesThroughWithoutReadingAhead()
    {
        var table = new CountingTable(rows: 9);
        var stage = CreateStage();
        using var cursor = stage.Transform(table).OpenCursor("Number");
        var number = cursor.Getter<long>("Number");

        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());
        long value = 0;
        number(ref value);

        Assert.Equal(100, value);
        Assert.Equal(2, table.RowsMoved);
        Assert.Equal(["Number"], table.LatestActive);
        Assert.Equal(0, table.Decodes);
        Assert.Empty(stage.Computed);
    }

    [Fact]
    public void Cursor_ResultActive_DecodesEachImageOnceAndComputesWholeBatches()
    {
        var table = new CountingTable(rows: 10);
        var stage = CreateStage(batchSize: 4);

        var means = stage.Transform(table).ReadVectors(MeanColorTransformer.Mean);

        Assert.Equal(10, means.Length);
        for (var row = 0; row < 10; row++)
        {
            using var image = TestImages.Create(row, 6, 4);
            TableReading.AssertClose(TableReading.ExpectedMean(image), means[row]);
        }

        Assert.Equal([4, 4, 2], stage.Computed.Select(one => one.Rows));
        Assert.All(stage.Computed, one => Assert.Equal("MeanColor", one.Wanted));
        Assert.Equal(10, table.Decodes);
        Assert.Equal(1, table.Cursors);
        Assert.Equal(["Name", "Image"], table.LatestActive);
    }

    [Fact]
    public void Cursor_RowsSkipped_ComputesOnlyBatchesThatAreRead()
    {
        var table = new CountingTable(rows: 10);
        var stage = CreateStage(batchSize: 4);
        using var cursor = stage.Transform(table).OpenCursor(MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);

        for (var row = 0; row <= 5; row++)
        {
            Assert.True(cursor.MoveNext());
        }

        VBuffer<float> value = default;
        mean(ref value);
        mean(ref value);

        using var image = TestImages.Create(5, 6, 4);
        TableReading.AssertClose(TableReading.ExpectedMean(image), [.. value.DenseValues()]);
        Assert.Single(stage.Computed);
    }

    [Fact]
    public void Cursor_ImageSizesDiffer_BatchesHoldConsecutiveRowsOfOneSize()
    {
        // Sizes a a b b b b b a: a batch ends at a change of size, and at four rows.
        var table = new CountingTable(rows: 8, size: row => row is < 2 or 7 ? (6, 4) : (3, 5));
        var stage = CreateStage(batchSize: 4);

        using var cursor = stage.Transform(table).OpenCursor("Number", "Weights", "Name", MeanColorTransformer.Reds, MeanColorTransformer.Area);
        var reds = cursor.Getter<VBuffer<byte>>(MeanColorTransformer.Reds);
        var area = cursor.Getter<int>(MeanColorTransformer.Area);
        var number = cursor.Getter<long>("Number");
        var weights = cursor.Getter<VBuffer<float>>("Weights");
        VBuffer<byte> redValues = default;
        VBuffer<float> weightValues = default;
        var areaValue = 0;
        long numberValue = 0;
        for (var row = 0; row < 8; row++)
        {
            Assert.True(cursor.MoveNext());
            reds(ref redValues);
            area(ref areaValue);
            number(ref numberValue);
            weights(ref weightValues);
            (var width, var height) = table.Size(row);
            using var image = TestImages.Create(row, width, height);
            Assert.Equal(width * height, areaValue);
            Assert.Equal(Enumerable.Range(0, width * height).Select(pixel => image.Pixels[pixel * 4]), redValues.DenseValues());
            Assert.Equal(row * 100, numberValue);
            Assert.Equal(row, cursor.Position);
            Assert.Equal(row % 2 == 0 ? Enumerable.Repeat((float)row, row + 1) : Enumerable.Range(0, row + 3).Select(index => index == 2 ? (float)row : 0), weightValues.DenseValues());
        }

        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Equal([2, 4, 1, 1], stage.Computed.Select(one => one.Rows));
        Assert.Equal(8, table.Decodes);
    }

    [Fact]
    public void Chain_SecondStageAsksForTheFirst_NothingRunsTwice()
    {
        var table = new CountingTable(rows: 10);
        var first = CreateStage(batchSize: 4);
        var second = new BrightnessTransformer(_ml);
        var view = second.Transform(first.Transform(table));

        using var cursor = view.OpenCursor(MeanColorTransformer.Mean, BrightnessTransformer.Column);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        var brightness = cursor.Getter<VBuffer<float>>(BrightnessTransformer.Column);
        VBuffer<float> meanValue = default;
        VBuffer<float> brightnessValue = default;
        while (cursor.MoveNext())
        {
            brightness(ref brightnessValue);
            mean(ref meanValue);
            Assert.Equal(meanValue.DenseValues().Sum() / 3, brightnessValue.GetValues()[0], tolerance: 1e-3f);
        }

        Assert.Equal([4, 4, 2], first.Computed.Select(one => one.Rows));
        Assert.Equal(4, second.Computations);
        Assert.Equal(10, table.Decodes);
        Assert.Equal(1, table.Cursors);
    }

    private MeanColorTransformer CreateStage(int batchSize = 4) => new(_ml, new MeanColorOptions { BatchSize = batchSize }, [1f, 0.5f, 2f]);
}
