using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.LoadProbe;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Batches that are read, and computed where a stage has a device of its own, while the rows of another are handed out.</summary>
public sealed class ReadAheadTests
{
    private const int Batch = 4;

    private readonly MLContext _ml = new();

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Rows_InBatchesAhead_AreThoseReadOneByOne(int batchSize, bool onDevice)
    {
        var table = new CountingTable(rows: 41, size: row => row % 7 < 5 ? (6, 4) : (3, 5));
        var view = CreateStage(onDevice, batchSize).Transform(table);
        using var cursor = view.OpenCursor("Name", "Number", "Weights", "Image", MeanColorTransformer.Mean, MeanColorTransformer.Reds);
        var name = cursor.Getter<ReadOnlyMemory<char>>("Name");
        var number = cursor.Getter<long>("Number");
        var weights = cursor.Getter<VBuffer<float>>("Weights");
        var image = cursor.Getter<MLImage>("Image");
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        var reds = cursor.Getter<VBuffer<byte>>(MeanColorTransformer.Reds);
        ReadOnlyMemory<char> nameValue = default;
        long numberValue = 0;
        VBuffer<float> weightValues = default, meanValues = default;
        VBuffer<byte> redValues = default;
        MLImage imageValue = null!;

        for (var row = 0; row < 41; row++)
        {
            Assert.True(cursor.MoveNext());
            mean(ref meanValues);
            reds(ref redValues);
            image(ref imageValue);
            name(ref nameValue);
            number(ref numberValue);
            weights(ref weightValues);
            var (width, height) = table.Size(row);
            using var expected = TestImages.Create(row, width, height);
            Assert.Equal(row, cursor.Position);
            Assert.Equal($"patch {row}", nameValue.ToString());
            Assert.Equal(row * 100, numberValue);
            Assert.Equal(row % 2 == 0 ? row + 1 : row + 3, weightValues.Length);
            Assert.Equal(expected.Pixels.ToArray(), imageValue.Pixels.ToArray());
            Assert.Equal(Enumerable.Range(0, width * height).Select(pixel => expected.Pixels[pixel * 4]), redValues.DenseValues());
            TableReading.AssertClose(TableReading.ExpectedMean(expected), [.. meanValues.DenseValues()]);
        }

        Assert.False(cursor.MoveNext());
        Assert.Equal(41, table.Decodes);
        imageValue.Dispose();
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void Images_InMemory_AreThoseOfAFewBatches(bool onDevice, int batches)
    {
        var given = new ConcurrentQueue<MLImage>();
        var image = new PatchColumn<MLImage>("Image", new ImageDataViewType(), (TissuePatch _, ref MLImage value) =>
        {
            value?.Dispose();
            value = TestImages.Create(given.Count, 6, 4);
            given.Enqueue(value);
        });
        var table = new PatchTable([.. Enumerable.Range(0, 40).Select(row => new TissuePatch($"{row}", $"/{row}.png", null, null))], image);
        var most = 0;
        using (var cursor = CreateStage(onDevice).Transform(table).OpenCursor(MeanColorTransformer.Mean))
        {
            var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
            VBuffer<float> value = default;
            while (cursor.MoveNext())
            {
                mean(ref value);
                var read = ((int)cursor.Position / Batch * Batch) + Batch;
                Patience.Until(() => given.Count >= Math.Min(40, read + Batch));
                Assert.InRange(given.Count, read, read + ((batches - 1) * Batch));
                most = Math.Max(most, given.Count(one => !CountingTable.IsDisposed(one)));
            }
        }

        // One more is the row that was read last.
        Assert.InRange(most, (2 * Batch) - 1, (batches * Batch) + 1);
        Assert.Equal(40, given.Count);
        Assert.All(given, one => Assert.True(CountingTable.IsDisposed(one)));
    }

    [Fact]
    public void Computation_OfAStageOnTheProcessor_RunsOnTheReadersThread()
    {
        var threads = new HashSet<int>();
        var stage = CreateStage(onDevice: false);
        stage.Inside = _ => threads.Add(Environment.CurrentManagedThreadId);

        stage.Transform(new CountingTable(rows: 20)).ReadVectors(MeanColorTransformer.Mean);

        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    [Fact]
    public void Computation_OfAStageOnADevice_GoesOnWhileRowsAreHandedOut()
    {
        var stage = CreateStage(onDevice: true);
        using var cursor = stage.Transform(new CountingTable(rows: 40)).OpenCursor(MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;

        cursor.MoveNext();
        mean(ref value);

        Patience.Until(() => stage.Computed.Count == 2);
        Thread.Sleep(50);
        Assert.Equal(2, stage.Computed.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RowThatCannotBeRead_AheadOfItsTurn_ThrowsInItsTurn(bool onDevice)
    {
        var table = new CountingTable(rows: 20) { BrokenRow = 6 };
        using var cursor = CreateStage(onDevice).Transform(table).OpenCursor("Number", MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;

        for (var row = 0; row < 6; row++)
        {
            Assert.True(cursor.MoveNext());
            mean(ref value);
            Patience.Until(() => table.Decodes == 7);
            using var image = TestImages.Create(row, 6, 4);
            TableReading.AssertClose(TableReading.ExpectedMean(image), [.. value.DenseValues()]);
        }

        Assert.Equal("patch 6 is broken", Assert.Throws<IOException>(() => cursor.MoveNext()).Message);
        Assert.Equal("patch 6 is broken", Assert.Throws<IOException>(() => cursor.MoveNext()).Message);
        Assert.Equal(7, table.Decodes);
    }

    [Fact]
    public void ComputationThatFails_AheadOfItsTurn_ThrowsAtItsRows()
    {
        var stage = CreateStage(onDevice: true);
        stage.Inside = batch =>
        {
            if (batch.NameOf(0).Contains("patch 4", StringComparison.Ordinal))
            {
                throw new ArithmeticException("the sum is off");
            }
        };
        using var cursor = stage.Transform(new CountingTable(rows: 20)).OpenCursor(MeanColorTransformer.Mean);
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        VBuffer<float> value = default;
        for (var row = 0; row < 4; row++)
        {
            Assert.True(cursor.MoveNext());
            mean(ref value);
            Patience.Until(() => stage.Computed.Count == 2);
        }

        Assert.True(cursor.MoveNext());
        Assert.StartsWith("MeanColorTransformer failed on 'patch 4' (row 4)", Assert.ThrowsAny<InvalidOperationException>(() => mean(ref value)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<InvalidOperationException>(() => mean(ref value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TwoCursors_AtOnce_GiveTheSame(bool onDevice)
    {
        var view = CreateStage(onDevice).Transform(new CountingTable(rows: 30));
        using var one = view.OpenCursor(MeanColorTransformer.Mean);
        using var two = view.OpenCursor(MeanColorTransformer.Mean);
        var (first, second) = (one.Getter<VBuffer<float>>(MeanColorTransformer.Mean), two.Getter<VBuffer<float>>(MeanColorTransformer.Mean));
        VBuffer<float> firstValue = default, secondValue = default;

        two.MoveNext();
        for (var row = 0; row < 30; row++)
        {
            Assert.Equal(row < 29, two.MoveNext());
            Assert.True(one.MoveNext());
            first(ref firstValue);
            using var image = TestImages.Create(row, 6, 4);
            TableReading.AssertClose(TableReading.ExpectedMean(image), [.. firstValue.DenseValues()]);
            if (row < 29)
            {
                second(ref secondValue);
                using var next = TestImages.Create(row + 1, 6, 4);
                TableReading.AssertClose(TableReading.ExpectedMean(next), [.. secondValue.DenseValues()]);
            }
        }

        Assert.False(one.MoveNext());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Input_IsUsedByOneThreadAtATime(bool onDevice)
    {
        var inside = 0;
        var together = 0;
        var table = new CountingTable(rows: 60);
        table.Decoding = _ =>
        {
            together += Interlocked.Increment(ref inside) - 1;
            Thread.Sleep(1);
            Interlocked.Decrement(ref inside);
        };

        CreateStage(onDevice).Transform(table).ReadVectors(MeanColorTransformer.Mean);

        Assert.Equal(0, together);
    }

    [Fact]
    public void StageOverAStage_OnTheProcessor_ComputesOneAfterTheOther()
    {
        var (inside, together) = (0, 0);
        var (first, second) = (CreateStage(onDevice: false), new BrightnessTransformer(_ml));
        first.Inside = _ => Once();
        second.Inside = Once;

        second.Transform(first.Transform(new CountingTable(rows: 40))).ReadVectors(BrightnessTransformer.Column);

        Assert.Equal(0, together);

        void Once()
        {
            together += Interlocked.Increment(ref inside) - 1;
            Thread.Sleep(2);
            Interlocked.Decrement(ref inside);
        }
    }

    private MeanColorTransformer CreateStage(bool onDevice, int batchSize = Batch) => new(_ml, new MeanColorOptions { BatchSize = batchSize }, [1f, 0.5f, 2f]) { IsOnDevice = onDevice };
}
