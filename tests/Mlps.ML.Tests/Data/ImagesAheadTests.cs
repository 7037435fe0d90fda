using System.Collections.Concurrent;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Images of files that are decoded before their rows come up.</summary>
public sealed class ImagesAheadTests
{
    [Fact]
    public void Take_RowAfterRow_GivesEachItsImageAndStaysAFewAhead()
    {
        var decoded = new ConcurrentQueue<int>();
        using var ahead = new ImagesAhead(100, row => Decode(row, decoded));
        for (var row = 0; row < 100; row++)
        {
            using var image = ahead.Take(row);
            Assert.Equal($"{row}", image.Tag);
            Assert.InRange(decoded.Count, row + 1, row == 0 ? 1 : row + 17);
        }

        Assert.Equal(Enumerable.Range(0, 100), decoded.Order());
    }

    [Fact]
    public void Take_OneRow_DecodesNoOther()
    {
        var decoded = new ConcurrentQueue<int>();
        using var ahead = new ImagesAhead(100, row => Decode(row, decoded));

        ahead.Take(0).Dispose();
        ahead.Take(40).Dispose();
        ahead.Take(60).Dispose();

        Thread.Sleep(50);
        Assert.Equal([0, 40, 60], decoded);
    }

    [Fact]
    public void Take_LargeImages_KeepsOneAhead()
    {
        var decoded = new ConcurrentQueue<int>();
        using var ahead = new ImagesAhead(10, row => Decode(row, decoded, side: 4096));

        ahead.Take(0).Dispose();
        ahead.Take(1).Dispose();
        Patience.Until(() => decoded.Count == 3);

        Thread.Sleep(50);
        Assert.Equal([0, 1, 2], decoded);
    }

    [Fact]
    public void Take_RowThatCannotBeRead_ThrowsInItsTurnAndLeavesTheOthers()
    {
        using var ahead = new ImagesAhead(20, row => row == 5 ? throw new TissueDataException("row 5") : Decode(row, []));
        for (var row = 0; row < 20; row++)
        {
            if (row == 5)
            {
                Assert.Equal("row 5", Assert.Throws<TissueDataException>(() => ahead.Take(row)).Message);
                continue;
            }

            using var image = ahead.Take(row);
            Assert.Equal($"{row}", image.Tag);
        }
    }

    [Fact]
    public void Take_RowsPassedOverAndTheSameOnceMore_GivesTheirImages()
    {
        var given = new ConcurrentBag<MLImage>();
        using (var ahead = new ImagesAhead(40, row => Remember(Decode(row, []), given)))
        {
            foreach (var row in (int[])[0, 1, 2, 2, 3, 9, 10, 11, 11, 39])
            {
                using var image = ahead.Take(row);
                Assert.Equal($"{row}", image.Tag);
            }
        }

        Assert.All(given, AssertDisposed);
    }

    [Fact]
    public async Task Dispose_WhileImagesAreDecoded_WaitsAndLeavesNone()
    {
        var given = new ConcurrentBag<MLImage>();
        var decoding = 0;
        using var goOn = new ManualResetEventSlim();
        var ahead = new ImagesAhead(40, row =>
        {
            Interlocked.Increment(ref decoding);
            Assert.True(row < 2 || goOn.Wait(Patience.Limit));
            var image = Remember(Decode(row, []), given);
            Interlocked.Decrement(ref decoding);
            return image;
        });
        ahead.Take(0).Dispose();
        ahead.Take(1).Dispose();
        Patience.Until(() => Volatile.Read(ref decoding) > 0);

        var disposing = Task.Factory.StartNew(ahead.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(50);
        Assert.False(disposing.IsCompleted);
        goOn.Set();
        await disposing;

        Assert.Equal(0, decoding);
        Assert.All(given, AssertDisposed);
    }

    [Fact]
    public void WorkAhead_BegunByNobody_IsDoneWhereItIsNeededOrNotAtAll()
    {
        var done = 0;
        var thread = 0;
        var needed = new WorkAhead(() => (done, thread) = (done + 1, Environment.CurrentManagedThreadId));
        var dropped = new WorkAhead(() => done += 10);

        needed.Finish();
        needed.Finish();
        dropped.Drop();
        dropped.Begin();
        Thread.Sleep(50);

        Assert.Equal(1, done);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void WorkAhead_ThatFailed_ThrowsWhereItIsNeeded()
    {
        var work = new WorkAhead(() => throw new IOException("it is broken"));
        work.Begin();

        Patience.Until(() => work.HasEnded);
        Assert.Equal("it is broken", Assert.Throws<IOException>(work.Finish).Message);
        work.Drop();
    }

    private static MLImage Decode(int row, ConcurrentQueue<int> decoded, int side = 2)
    {
        decoded.Enqueue(row);
        var image = MLImage.CreateFromPixels(side, side, MLPixelFormat.Bgra32, new byte[4 * side * side]);
        image.Tag = $"{row}";
        return image;
    }

    private static MLImage Remember(MLImage image, ConcurrentBag<MLImage> given)
    {
        given.Add(image);
        return image;
    }

    private static void AssertDisposed(MLImage image) => Assert.Throws<InvalidOperationException>(() => image.Width);
}
