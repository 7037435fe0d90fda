using Microsoft.ML;
using Mlps.ML.Interop;
using Mlps.ML.Tests.Interop;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>One transformer, several threads.</summary>
[Collection(ChainTests.Name)]
public sealed class ThreadTests(TrainedChain chain)
{
    private static readonly string[] _columns = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability"];

    [Fact]
    public async Task Transform_SeveralThreadsAtOnce_GiveWhatOneGives()
    {
        var table = TinyTable.Images(4, 40, 36);
        var expected = _columns.ToDictionary(column => column, column => chain.Model.Transform(table.Labelled()).Vectors<float>(column));

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            var column = _columns[thread % _columns.Length];
            return (column, Values: chain.Model.Transform(table.Labelled()).Vectors<float>(column));
        })));

        Assert.All(results, result => Assert.Equal(expected[result.column], result.Values));
    }

    [Fact]
    public async Task Cursors_OneViewReadBySeveralThreads_GiveWhatOneGives()
    {
        var predicted = chain.Model.Transform(TinyTable.Patches(7).Labelled());
        var expected = predicted.Vectors<float>("PixelProbability");

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => predicted.Vectors<float>("PixelProbability"))));

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    /// <summary>A copy computes with the network of the transformer that it came from, which must not free it meanwhile.</summary>
    [Fact]
    public async Task Dispose_WhileACopyComputes_Waits()
    {
        using var original = new MeanColorTransformer(new MLContext(1), new MeanColorOptions(), [1, 1, 1]);
        using var copy = new MeanColorTransformer(new MLContext(1), new MeanColorOptions(), [1, 1, 1], original);
        using var copyOfTheCopy = new MeanColorTransformer(new MLContext(1), new MeanColorOptions(), [1, 1, 1], copy);
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        copyOfTheCopy.Inside = _ =>
        {
            inside.Set();
            goOn.Wait();
            Assert.Equal(0, original.Disposals);
        };
        var reading = Task.Run(() => copyOfTheCopy.Transform(new CountingTable(rows: 1)).ReadVectors(MeanColorTransformer.Mean));
        inside.Wait();

        var disposing = Task.Run(original.Dispose);
        try
        {
            Assert.NotSame(disposing, await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(300))));
        }
        finally
        {
            goOn.Set();
        }

        Assert.Single(await reading);
        await disposing;
        Assert.Equal(1, original.Disposals);
        Assert.Throws<ObjectDisposedException>(() => copy.Transform(new CountingTable(rows: 1)));
        copyOfTheCopy.Inside = null;
    }

    /// <summary>Saving copies the network's parameters, which must not be freed meanwhile, also where they are another transformer's.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WhileTheModelIsSaved_Waits(bool ofACopy)
    {
        var ml = new MLContext(1);
        using var original = new MeanColorTransformer(ml, new MeanColorOptions(), [1, 1, 1]);
        using var copy = new MeanColorTransformer(ml, new MeanColorOptions(), [1, 1, 1], original);
        var saved = ofACopy ? copy : original;
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        saved.Saving = () =>
        {
            inside.Set();
            goOn.Wait();
            Assert.Equal(0, original.Disposals);
        };
        using var stream = new MemoryStream();
        var saving = Task.Run(() => ml.Model.Save(saved, null, stream));
        inside.Wait();

        var disposing = Task.Run(original.Dispose);
        try
        {
            Assert.NotSame(disposing, await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(300))));
        }
        finally
        {
            goOn.Set();
        }

        await saving;
        await disposing;
        Assert.Equal(1, original.Disposals);
        Assert.Throws<ObjectDisposedException>(() => ml.Model.Save(saved, null, stream));
    }

    [Fact]
    public void With_AfterTheOriginalWasDisposed_TellsSo()
    {
        using var model = TinyChain.Create(new MLContext(1)).Fit(TinyTable.Patches(4).Labelled());
        var table = model.Transform(TinyTable.Patches(2).Labelled());
        var copy = model.LastTransformer.With(model.LastTransformer.Segmentation with { Views = 2 });
        var predicted = copy.Transform(table);

        model.LastTransformer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => predicted.Vectors<byte>("PredictedMask"));
    }

    [Theory]
    [InlineData(2, 2, false)]
    [InlineData(64, 2, true)]
    public void ThreadCheck_MoreThreadsThanCores_WarnsOnce(int threads, int cores, bool expected)
    {
        var ml = new MLContext();
        var lines = new List<string>();
        ml.Log += (_, line) => lines.Add(line.Message);

        Assert.Equal(expected, ThreadCheck.Report(ml, threads, cores));
        Assert.Equal(expected, lines.Any(line => line.Contains("64 threads on 2 cores", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Dispose_WhileOthersRead_LetsThemFinishOrTellsThem()
    {
        using var model = TinyChain.Create(new MLContext(1)).Fit(TinyTable.Patches(4).Labelled());
        var predicted = model.Transform(TinyTable.Patches(12).Labelled());
        var expected = predicted.Vectors<float>("PixelProbability");
        using var started = new CountdownEvent(3);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            started.Signal();
            try
            {
                return predicted.Vectors<float>("PixelProbability");
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        })).ToArray();
        started.Wait();

        model.Dispose();

        Assert.All((await Task.WhenAll(readers)).OfType<float[][]>(), result => Assert.Equal(expected, result));
    }
}
