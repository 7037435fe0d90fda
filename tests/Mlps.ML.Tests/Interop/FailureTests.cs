using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>What a consumer learns when a row cannot be read or computed, and what disposal does to the rest.</summary>
public sealed class FailureTests
{
    private readonly MLContext _ml = new();

    [Fact]
    public void Cursor_RowCannotBeRead_RowsBeforeItAreGivenFirst()
    {
        var table = new CountingTable(rows: 9) { BrokenRow = 6 };
        using var cursor = CreateStage().Transform(table).OpenCursor("Number", MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;

        for (var row = 0; row < 6; row++)
        {
            Assert.True(cursor.MoveNext());
            mean(ref value);
        }

        Assert.Equal("patch 6 is broken", Assert.Throws<IOException>(() => cursor.MoveNext()).Message);
    }

    [Fact]
    public void Compute_RowWithoutImage_NamesTheRow()
    {
        var table = new CountingTable(rows: 5) { RowWithoutImage = 2 };

        var exception = Assert.ThrowsAny<InvalidOperationException>(() => CreateStage().Transform(table).ReadVectors(MeanColorTransformer.Mean));

        Assert.Equal("MeanColorTransformer, 'patch 2' (row 2): there is no image in column 'Image'; give every row an image.", exception.Message);
    }

    [Fact]
    public void Compute_Throws_NamesTheRowsOfTheBatch()
    {
        var stage = CreateStage();
        stage.Inside = _ => throw new ArithmeticException("the sum is off");

        var exception = Assert.ThrowsAny<InvalidOperationException>(() => stage.Transform(new CountingTable(rows: 5)).ReadVectors(MeanColorTransformer.Mean));

        Assert.Equal("MeanColorTransformer failed on 'patch 0' (row 0), 'patch 1' (row 1), 'patch 2' (row 2) and 1 more: the sum is off", exception.Message);
        Assert.IsType<ArithmeticException>(exception.InnerException);
    }

    [Fact]
    public void Compute_VectorOfAnotherLength_NamesTheColumnAndTheRow()
    {
        var stage = CreateStage();
        stage.Inside = batch => batch.SetVector(MeanColorTransformer.Mean, 1, new float[4]);

        var exception = Assert.ThrowsAny<InvalidOperationException>(() => stage.Transform(new CountingTable(rows: 5)).ReadVectors(MeanColorTransformer.Mean));

        Assert.Contains("Column 'MeanColor' is Vector<Single, 3> and was given 4 values for 'patch 1' (row 1)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_CanceledFromInside_PassesThroughAsItIs()
    {
        var stage = CreateStage();
        stage.Inside = _ => throw new OperationCanceledException();

        Assert.Throws<OperationCanceledException>(() => stage.Transform(new CountingTable(rows: 5)).ReadVectors(MeanColorTransformer.Mean));
    }

    [Fact]
    public void Dispose_Twice_FreesOnce()
    {
        var stage = CreateStage();

        stage.Dispose();
        stage.Dispose();

        Assert.Equal(1, stage.Disposals);
    }

    [Fact]
    public void Disposed_TransformerAndItsTables_SayThatItIsDisposed()
    {
        var stage = CreateStage();
        var view = stage.Transform(new CountingTable(rows: 5));
        stage.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stage.Transform(new CountingTable(rows: 5)));
        Assert.Throws<ObjectDisposedException>(() => view.ReadVectors(MeanColorTransformer.Mean));
        Assert.Empty(stage.Computed);
    }

    [Fact]
    public void Dispose_OfAChain_DisposesItsStages()
    {
        var stage = CreateStage();

        new TransformerChain<ITransformer>(stage, new BrightnessTransformer(_ml)).Dispose();

        Assert.Equal(1, stage.Disposals);
    }

    [Fact]
    public async Task Dispose_WhileComputing_Waits()
    {
        var stage = CreateStage();
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var disposalsSeenInside = -1;
        stage.Inside = _ =>
        {
            inside.Set();
            goOn.Wait(TimeSpan.FromSeconds(30));
            disposalsSeenInside = stage.Disposals;
        };

        var reading = Task.Run(() => stage.Transform(new CountingTable(rows: 2)).ReadVectors(MeanColorTransformer.Mean));
        Assert.True(inside.Wait(TimeSpan.FromSeconds(30)));
        var disposing = Task.Run(stage.Dispose);
        await Task.Delay(100);
        Assert.False(disposing.IsCompleted);
        goOn.Set();
        await Task.WhenAll(reading, disposing);

        Assert.Equal(0, disposalsSeenInside);
        Assert.Equal(1, stage.Disposals);
        Assert.Equal(2, (await reading).Length);
    }

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions(), [1f, 0.5f, 2f]);
}
