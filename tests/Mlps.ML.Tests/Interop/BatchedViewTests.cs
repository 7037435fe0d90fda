using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.LoadProbe;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>What cursors over a stage's table do, and what they leave undone.</summary>
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

        float[][] means = stage.Transform(table).ReadVectors(MeanColorTransformer.Mean);

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
        int areaValue = 0;
        long numberValue = 0;
        for (var row = 0; row < 8; row++)
        {
            Assert.True(cursor.MoveNext());
            reds(ref redValues);
            area(ref areaValue);
            number(ref numberValue);
            weights(ref weightValues);
            (int width, int height) = table.Size(row);
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
    public void Cursor_EveryColumnActive_HandsOutTheRowsOfTheInput()
    {
        var table = new CountingTable(rows: 7);
        var view = CreateStage(batchSize: 3).Transform(table);
        using var cursor = view.GetRowCursor(view.Schema);
        using var expected = table.GetRowCursor(table.Schema);
        var id = cursor.GetIdGetter();
        var expectedId = expected.GetIdGetter();
        var rows = 0;

        while (expected.MoveNext())
        {
            Assert.True(cursor.MoveNext());
            DataViewRowId idValue = default;
            DataViewRowId expectedIdValue = default;
            id(ref idValue);
            expectedId(ref expectedIdValue);
            Assert.Equal(expectedIdValue, idValue);
            Assert.Equal(expected.Position, cursor.Position);
            Assert.Equal(expected.Batch, cursor.Batch);
            AssertSame<ReadOnlyMemory<char>>("Name", (one, two) => Assert.Equal(one.ToString(), two.ToString()));
            AssertSame<long>("Number", Assert.Equal);
            AssertSame<DateTime>("When", Assert.Equal);
            AssertSame<uint>("Kind", Assert.Equal);
            AssertSame<VBuffer<float>>("Weights", (one, two) => Assert.Equal(one.DenseValues(), two.DenseValues()));
            AssertSame<VBuffer<ReadOnlyMemory<char>>>("Words", (one, two) => Assert.Equal(one.DenseValues().Select(word => word.ToString()), two.DenseValues().Select(word => word.ToString())));
            AssertSame<MLImage>("Image", (one, two) => Assert.Equal(one.Pixels.ToArray(), two.Pixels.ToArray()));
            rows++;
        }

        Assert.False(cursor.MoveNext());
        Assert.Equal(7, rows);

        void AssertSame<T>(string column, Action<T, T> equal)
        {
            T one = default!;
            T two = default!;
            expected.Getter<T>(column)(ref one);
            cursor.Getter<T>(column)(ref two);
            equal(one, two);
        }
    }

    [Fact]
    public void Cursor_ConsumerChangesAVectorItWasGiven_ChangesNothingElse()
    {
        var view = CreateStage().Transform(new CountingTable(rows: 2));
        using var cursor = view.OpenCursor("Weights", MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        cursor.MoveNext();
        VBuffer<float> first = default;
        VBuffer<float> second = default;
        mean(ref first);
        float red = first.GetValues()[0];

        VBufferEditor.CreateFromBuffer(ref first).Values.Fill(-1);
        mean(ref second);

        Assert.Equal(red, second.GetValues()[0]);
        Assert.NotEqual(-1, red);
    }

    [Fact]
    public void Cursor_ReadOutOfTurn_Throws()
    {
        var view = CreateStage().Transform(new CountingTable(rows: 1));
        using var cursor = view.OpenCursor("Number", MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;

        Assert.Throws<InvalidOperationException>(() => mean(ref value));
        Assert.Throws<InvalidOperationException>(() => cursor.Getter<VBuffer<double>>(MeanColorTransformer.Mean));
        Assert.Throws<InvalidOperationException>(() => cursor.Getter<int>(MeanColorTransformer.Area));
        Assert.True(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => mean(ref value));
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void GetRowCursorSet_ResultActive_GivesOneCursor()
    {
        var table = new CountingTable(rows: 4);
        var view = CreateStage().Transform(table);

        var cursors = view.GetRowCursorSet([view.Schema[MeanColorTransformer.Mean]], 4);

        Assert.Single(cursors);
        Assert.IsType<BatchCursor>(cursors[0]);
        cursors[0].Dispose();
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

    [Fact]
    public async Task SeveralThreads_OneTransformer_AllReadTheSame()
    {
        var table = new CountingTable(rows: 40);
        var stage = CreateStage(batchSize: 4);
        var view = new BrightnessTransformer(_ml).Transform(stage.Transform(table));
        float[][] expected = view.ReadVectors(BrightnessTransformer.Column);
        using var together = new Barrier(4);

        float[][][] read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return view.ReadVectors(BrightnessTransformer.Column);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.All(read, one => Assert.Equal(expected, one));
        Assert.Equal(5 * 10, stage.Computed.Count);
    }

    [Fact]
    public void MLNetViewsOnTop_CacheShuffleAndEnumerate_ReadTheSameResults()
    {
        var view = CreateStage().Transform(new CountingTable(rows: 10));
        float[][] expected = view.ReadVectors(MeanColorTransformer.Mean);

        Assert.Equal(expected, _ml.Data.Cache(view).ReadVectors(MeanColorTransformer.Mean));
        Assert.Equal(expected.OrderBy(row => row[0]), _ml.Data.ShuffleRows(view, seed: 1).ReadVectors(MeanColorTransformer.Mean).OrderBy(row => row[0]));
        Assert.Equal(expected[3..5], _ml.Data.TakeRows(_ml.Data.SkipRows(view, 3), 2).ReadVectors(MeanColorTransformer.Mean));
        Assert.Equal(expected, _ml.Data.CreateEnumerable<MeanRow>(view, reuseRowObject: false, ignoreMissingColumns: true).Select(row => row.MeanColor!));
    }

    [Fact]
    public void Schema_ClassNames_StandBesideTheColumn()
    {
        var view = CreateStage().Transform(new CountingTable(rows: 1));

        Assert.Equal(["red", "green", "blue"], ClassAnnotations.Read(view.Schema[MeanColorTransformer.Mean]));
        Assert.Null(ClassAnnotations.Read(view.Schema["Number"]));
        VBuffer<ReadOnlyMemory<char>> slots = default;
        view.Schema[MeanColorTransformer.Mean].GetSlotNames(ref slots);
        Assert.Equal(3, slots.Length);
    }

    private MeanColorTransformer CreateStage(int batchSize = 4) => new(_ml, new MeanColorOptions { BatchSize = batchSize }, [1f, 0.5f, 2f]);

    private sealed class MeanRow
    {
        public float[]? MeanColor { get; set; }
    }
}
