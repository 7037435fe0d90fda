using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.LoadProbe;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Cursors that are disposed, and batches that are passed over, while threads are at work ahead of them.</summary>
public sealed class ReadAheadEndTests
{
    private const int Batch = 4;

    private readonly MLContext _ml = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WhileABatchIsRead_WaitsForTheRowAndLeavesNothing(bool onDevice)
    {
        var table = new CountingTable(rows: 40);
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        table.Decoding = row =>
        {
            if (row == Batch)
            {
                reading.Set();
                Assert.True(goOn.Wait(Patience.Limit));
            }
        };
        var stage = CreateStage(onDevice);
        var cursor = stage.Transform(table).OpenCursor(MeanColorTransformer.Mean);
        VBuffer<float> value = default;
        cursor.MoveNext();
        cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean)(ref value);
        Assert.True(reading.Wait(Patience.Limit));

        var disposing = Task.Factory.StartNew(cursor.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(300);
        Assert.False(disposing.IsCompleted);
        goOn.Set();
        await disposing;

        Assert.Equal(Batch + 1, table.Decodes);
        Assert.Equal(0, table.CountUndisposed());
        Thread.Sleep(50);
        Assert.Equal(Batch + 1, table.Decodes);
        Assert.InRange(stage.Computed.Count, 1, 2);
    }

    [Fact]
    public async Task Dispose_WhileABatchIsComputedAhead_WaitsForIt()
    {
        using var goOn = new ManualResetEventSlim();
        var (inside, ended) = (0, 0);
        var stage = CreateStage(onDevice: true);
        stage.Inside = _ =>
        {
            if (Interlocked.Increment(ref inside) == 2)
            {
                Assert.True(goOn.Wait(Patience.Limit));
            }

            Interlocked.Increment(ref ended);
        };
        var table = new CountingTable(rows: 40);
        var cursor = stage.Transform(table).OpenCursor(MeanColorTransformer.Mean);
        VBuffer<float> value = default;
        cursor.MoveNext();
        cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean)(ref value);
        Patience.Until(() => Volatile.Read(ref inside) == 2);

        var disposing = Task.Factory.StartNew(cursor.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(300);
        Assert.False(disposing.IsCompleted);
        goOn.Set();
        await disposing;

        Assert.Equal(2, ended);
        Assert.Equal(0, table.CountUndisposed());
    }

    [Fact]
    public async Task BatchPassedOver_WhileItIsComputedAhead_IsNotUsedAgainBefore()
    {
        using var goOn = new ManualResetEventSlim();
        var inside = 0;
        var stage = CreateStage(onDevice: true);
        stage.Inside = _ =>
        {
            if (Interlocked.Increment(ref inside) == 2)
            {
                Assert.True(goOn.Wait(Patience.Limit));
            }
        };
        using var cursor = stage.Transform(new CountingTable(rows: 40)).OpenCursor(MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;
        cursor.MoveNext();
        mean(ref value);
        Patience.Until(() => Volatile.Read(ref inside) == 2);

        // Rows 4 to 7 are passed over.
        var passing = Task.Factory.StartNew(() =>
        {
            while (cursor.Position < 2 * Batch)
            {
                cursor.MoveNext();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(50);
        Assert.False(passing.IsCompleted);
        goOn.Set();
        await passing;
        for (var row = 2 * Batch; row < 40; row++)
        {
            mean(ref value);
            using var image = TestImages.Create(row, 6, 4);
            TableReading.AssertClose(TableReading.ExpectedMean(image), [.. value.DenseValues()]);
            cursor.MoveNext();
        }
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    public void BatchesPassedOver_AfterTheyWerePrepared_LeaveNothingToTheBatchesThatFollow(bool onDevice, int batches)
    {
        var stage = CreateStage(onDevice);
        using (var cursor = stage.Transform(new CountingTable(rows: 40)).OpenCursor(MeanColorTransformer.Mean))
        {
            var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
            VBuffer<float> value = default;
            for (var row = 0; cursor.MoveNext(); row++)
            {
                if (row / Batch % (batches + 1) == 0)
                {
                    mean(ref value);
                    using var image = TestImages.Create(row, 6, 4);
                    TableReading.AssertClose(TableReading.ExpectedMean(image), [.. value.DenseValues()]);
                }
            }
        }

        Assert.NotEmpty(stage.Prepared);
        Assert.All(stage.Prepared, prepared => Assert.True(prepared.IsInvalid));
    }

    private MeanColorTransformer CreateStage(bool onDevice) => new(_ml, new MeanColorOptions { BatchSize = Batch }, [1f, 0.5f, 2f]) { IsOnDevice = onDevice };
}
