using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.LoadProbe;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>What a cursor over a stage's table hands out: to one reader, to several, and to ML.NET's own views.</summary>
public sealed class BatchCursorTests
{
    private readonly MLContext _ml = new();

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
        var red = first.GetValues()[0];

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
    public async Task SeveralThreads_OneTransformer_AllReadTheSame()
    {
        var table = new CountingTable(rows: 40);
        var stage = CreateStage(batchSize: 4);
        var view = new BrightnessTransformer(_ml).Transform(stage.Transform(table));
        var expected = view.ReadVectors(BrightnessTransformer.Column);
        using var together = new Barrier(4);

        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
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
        var expected = view.ReadVectors(MeanColorTransformer.Mean);

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
