using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>ML.NET's ways to leave out, reorder and keep rows, before and after the stages.</summary>
[Collection(ChainTests.Name)]
public sealed class RowTests(TrainedChain chain, TissueFolder files) : IClassFixture<TissueFolder>
{
    private readonly MLContext _ml = new(seed: 3);

    private IDataView Table => files.Open().Load(_ml, DatasetSplit.Train);

    [Fact]
    public void TakeRowsAndSkipRows_BeforeOrAfter_PredictThoseRows()
    {
        var all = chain.Model.Transform(Table).Vectors<byte>("PredictedMask");

        var before = chain.Model.Transform(_ml.Data.TakeRows(_ml.Data.SkipRows(Table, 3), 4));
        var after = _ml.Data.TakeRows(_ml.Data.SkipRows(chain.Model.Transform(Table), 3), 4);

        Assert.Equal(all[3..7], before.Vectors<byte>("PredictedMask"));
        Assert.Equal(all[3..7], after.Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void FilterRowsByColumn_OfAMappedNumber_PredictsThoseRows()
    {
        var all = chain.Model.Transform(Table).Vectors<byte>("PredictedMask");
        var counted = _ml.Transforms.CustomMapping<Labelled, Counted>((row, to) => to.Tissues = row.Label.Count(present => present), contractName: null);
        var table = counted.Fit(Table).Transform(Table);

        var filtered = _ml.Data.FilterRowsByColumn(table, "Tissues", lowerBound: 2);

        var labels = Table.Vectors<bool>("Label");
        var kept = Enumerable.Range(0, all.Length).Where(row => labels[row].All(present => present)).ToArray();
        Assert.Equal(4, kept.Length);
        Assert.Equal(kept.Select(row => all[row]), chain.Model.Transform(filtered).Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void FilterRowsByColumn_OfAPrediction_KeepsTheSureOnes()
    {
        var predicted = chain.Model.Transform(Table);
        var first = _ml.Transforms.CustomMapping<Probable, First>((row, to) => to.FirstTissue = row.Probability[0], contractName: null);
        var table = first.Fit(predicted).Transform(predicted);

        var sure = _ml.Data.FilterRowsByColumn(table, "FirstTissue", lowerBound: 0.5);

        var expected = predicted.Vectors<float>("Probability").Where(row => row[0] >= 0.5f).ToArray();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, sure.Vectors<float>("Probability"));
    }

    [Fact]
    public void Fit_FilteredTable_TrainsOnThoseRowsAlone()
    {
        using var some = TinyChain.Create(_ml).Fit(_ml.Data.TakeRows(Table, 8));
        using var all = TinyChain.Create(_ml).Fit(Table);

        Assert.NotEqual(all.ClassifierOf().Training.DataDigest, some.ClassifierOf().Training.DataDigest);
        Assert.NotEqual(all.Transform(Table).Vectors<float>("Probability"), some.Transform(Table).Vectors<float>("Probability"));
    }

    [Fact]
    public void ShuffleRows_AfterThePrediction_GivesTheSameRows()
    {
        var predicted = chain.Model.Transform(Table);
        var expected = Names(predicted).Zip(predicted.Vectors<byte>("PredictedMask")).ToDictionary(row => row.First, row => row.Second);

        var shuffled = _ml.Data.ShuffleRows(predicted, seed: 7);

        var names = Names(shuffled);
        Assert.NotEqual(Names(predicted), names);
        Assert.Equal(Names(predicted), names.Order(StringComparer.Ordinal));
        Assert.Equal(names.Select(name => expected[name]), shuffled.Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void Cache_AfterThePrediction_GivesTheSameRowsAndComputesOnce()
    {
        var patches = TinyTable.Patches(6);
        var predicted = chain.Model.Transform(patches.View(patches.Name, patches.Image));
        var expected = predicted.Vectors<byte>("PredictedMask");
        var cached = _ml.Data.Cache(predicted, "PredictedMask");
        Assert.Equal(expected, cached.Vectors<byte>("PredictedMask"));
        var reads = patches.ImageReads;

        Assert.Equal(expected, cached.Vectors<byte>("PredictedMask"));

        Assert.Equal(reads, patches.ImageReads);
    }

    [Theory]
    [InlineData("ShuffleRows")]
    [InlineData("Cache")]
    public void Fit_ImagesLeftOutByMLNet_SaysSoAndWhatToDo(string step)
    {
        var table = step == "Cache" ? _ml.Data.Cache(Table) : _ml.Data.ShuffleRows(Table);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => TinyChain.Create(_ml).Fit(table));

        Assert.Contains("Could not find input column 'Image'", error.Message, StringComparison.Ordinal);
        Assert.Contains("ML.NET's Cache and ShuffleRows leave out image columns", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ShuffleRows")]
    [InlineData("Cache")]
    public void Transform_ImagesLeftOutByMLNet_SaysSoAndWhatToDo(string step)
    {
        var table = step == "Cache" ? _ml.Data.Cache(Table) : _ml.Data.ShuffleRows(Table);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => chain.Model.Transform(_ml.Data.TakeRows(table, 2)));

        Assert.Contains("Could not find input column 'Image'", error.Message, StringComparison.Ordinal);
        Assert.Contains("ML.NET's Cache and ShuffleRows leave out image columns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AppendCacheCheckpoint_BetweenStages_SaysWhatToDo()
    {
        var pipeline = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier)
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes));

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.Fit(Table));

        Assert.Contains("ML.NET's Cache and ShuffleRows leave out image columns", error.Message, StringComparison.Ordinal);
    }

    private static string[] Names(IDataView table) => [.. table.GetColumn<string>("Name")];

    private sealed class Labelled
    {
        public bool[] Label { get; set; } = [];
    }

    private sealed class Counted
    {
        public float Tissues { get; set; }
    }

    private sealed class Probable
    {
        public float[] Probability { get; set; } = [];
    }

    private sealed class First
    {
        public float FirstTissue { get; set; }
    }
}
