using Microsoft.ML;
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
