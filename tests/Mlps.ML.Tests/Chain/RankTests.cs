using Microsoft.ML;
using Mlps.ML.Interop;
using Mlps.Testing;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Several ranks fit the same estimators.</summary>
[Collection(ChainTests.Name)]
public sealed class RankTests(TrainedChain chain)
{
    private const int Rows = RankRows.RunLength + 6;
    private static readonly string[] _masks = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7"];

    [Theory]
    [InlineData(0, 2, new long[] { 0, 0 })]
    [InlineData(70, 2, new long[] { 64, 6 })]
    [InlineData(300, 3, new long[] { 128, 108, 64 })]
    public void CountOf_Rows_AreThoseOfEachRanksRuns(long rows, int ranks, long[] expected)
    {
        var counts = new long[ranks];
        for (var row = 0L; row < rows; row++)
        {
            counts[row / RankRows.RunLength % ranks]++;
        }

        Assert.Equal(counts, Enumerable.Range(0, ranks).Select(rank => RankRows.CountOf(rows, rank, ranks)));

        // Each row of the table is one rank's.
        var numbers = Enumerable.Range(0, ranks).SelectMany(rank => Enumerable.Range(0, (int)counts[rank]).Select(row => RankRows.NumberOf(row, rank, ranks)));
        Assert.Equal(Enumerable.Range(0, (int)rows).Select(row => (long)row), numbers.Order());
        Assert.Equal(expected, counts);
    }

    /// <summary>Each rank makes the pseudo masks of its rows alone, and all get all of them in the order of the table.</summary>
    [Fact]
    public void PseudoMasks_OnTwoRanks_AreMadeOnce()
    {
        var ml = new MLContext(5);
        var alone = Read(null, out var all);
        Assert.Equal(Rows, all);

        var shared = ThreadRanks.Run(2, ranks => (Digests: Read(ranks, out var reads), Reads: reads));

        Assert.Equal([RankRows.RunLength, Rows - RankRows.RunLength], shared.Select(rank => rank.Reads));
        Assert.All(shared, rank => Assert.Equal(alone, rank.Digests));

        (string Training, string HeldOut, int Gates, float FirstGate) Read(RankGroup? ranks, out int imageReads)
        {
            var patches = TinyTable.Patches(Rows);
            var source = new PatchColumn<ReadOnlyMemory<char>>(TissueColumns.Source, Microsoft.ML.Data.TextDataViewType.Instance, (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.Name[..7].AsMemory());
            var input = chain.Model.PseudoMasksOf().Transform(chain.Model.ClassifierOf().Transform(patches.View(patches.Name, patches.Image, patches.Label, source)));
            var split = SourceSplit.Draw(ml, input, 0.3);
            var rows = ranks is null ? input : RankRows.Of(ml, input, ranks, ["Image", "Name", TissueColumns.Source, "GateProbability", .. _masks]);
            var reader = new PatchStoreReader(rows, "Image", labelColumn: null, _masks, TinyTissue.Classes.Count);
            using var read = reader.Read(split, "GateProbability", CancellationToken.None, progress: null, ranks);
            imageReads = patches.ImageReads;
            return (read.Training.Digest(), read.HeldOut!.Digest(), read.HeldOutGates.Count, read.HeldOutGates[0][0]);
        }
    }

    [Fact]
    public void PseudoMasks_TablesOfOtherLengths_AreRefused()
    {
        var error = Assert.Throws<TissueDataException>(() => ThreadRanks.Run(2, ranks =>
        {
            var rows = RankRows.Of(new MLContext(5), TinyTable.Patches(5 + ranks.Rank + (RankRows.RunLength * ranks.Rank)).Masked(), ranks, ["Image", "Mask"]);
            using var read = new PatchStoreReader(rows, "Image", labelColumn: null, ["Mask"], TinyTissue.Classes.Count).Read(split: null, gateColumn: null, CancellationToken.None, progress: null, ranks);
            return true;
        }));

        Assert.Contains("they have 5, 6 of its rows, 11 in all", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OnTwoRanks_GivesBothTheSameModel_AndRank0TheLogs()
    {
        using var folder = new TemporaryFolder();
        var logs = folder.Combine("logs");

        var models = ThreadRanks.Run(2, ranks =>
        {
            var run = new TrainingRunOptions { Ranks = ranks, ValidationSet = TinyTable.Patches(3).Masked(), LogDirectory = ranks.IsFirst ? logs : folder.Combine("nowhere") };
            using var model = TinyChain.Create(new MLContext(3), TinyChain.Classifier with { Run = run }, segmenter: TinyChain.Segmenter with { Run = run }).Fit(TinyTable.Patches(8).Labelled());
            var (classifier, segmenter) = (model.ClassifierOf(), model.LastTransformer);
            return (
                Weights: Mlps.Torch.Training.Checkpoints.WeightDigest.Compute(classifier.Classifier.Network) + Mlps.Torch.Training.Checkpoints.WeightDigest.Compute(segmenter.Segmenter.Network),
                segmenter.Training.DataDigest,
                Scores: string.Join(", ", segmenter.Training.Epochs[^1].Scores));
        });

        Assert.Equal(models[0], models[1]);
        Assert.Contains("validation.meanIoU", models[0].Scores, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(logs, "segmenter.jsonl")));
        Assert.False(Directory.Exists(folder.Combine("nowhere")));
    }

    [Fact]
    public void Fit_RanksWithOtherOptions_AreRefusedByName()
    {
        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks =>
        {
            var options = TinyChain.Classifier with { Training = new() { Epochs = 1 + ranks.Rank, BatchSize = 4 }, Run = new() { Ranks = ranks } };
            using var model = new PatchClassifierEstimator(new MLContext(3), TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());
            return true;
        }));

        Assert.Equal("The ranks do not train the same: Training.Epochs is 2 on rank 1 and 1 on rank 0. Give all of them the same options, data, files and kind of device.", error.Message);
    }

    /// <summary>It decides what is exchanged after the last step, where ranks that differ would wait for each other for ever.</summary>
    [Fact]
    public void Fit_RanksWithOtherPresenceThresholds_AreRefusedBeforeTheyTrain()
    {
        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks =>
        {
            var options = TinyChain.Classifier with { PresenceThresholds = ranks.IsFirst ? PresenceThresholds.Fixed : PresenceThresholds.FromValidation, Run = new() { Ranks = ranks, ValidationSet = TinyTable.Patches(3).Masked() } };
            using var model = new PatchClassifierEstimator(new MLContext(3), TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());
            return true;
        }));

        Assert.Contains("PresenceThresholds is FromValidation on rank 1 and Fixed on rank 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RanksWithOtherCalibration_AreRefusedBeforeTheyTrain()
    {
        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks =>
        {
            var options = TinyChain.Segmenter with { CalibrateGate = ranks.IsFirst, Run = new() { Ranks = ranks, ValidationSet = TinyTable.Images(2, 40, 40).Masked() } };
            using var model = new GatedSegmenterEstimator(new MLContext(3), TinyTissue.Classes, options).Fit(chain.Model.PseudoMasksOf().Transform(chain.Model.ClassifierOf().Transform(TinyTable.Patches(8).Labelled())));
            return true;
        }));

        Assert.Contains("CalibrateGate is false on rank 1 and true on rank 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RanksWithOtherData_AreRefused()
    {
        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks =>
        {
            using var model = new PatchClassifierEstimator(new MLContext(3), TinyTissue.Classes, TinyChain.Classifier with { Run = new() { Ranks = ranks } }).Fit(TinyTable.Patches(8 + ranks.Rank).Labelled());
            return true;
        }));

        Assert.Contains("The ranks do not train the same: Data is ", error.Message, StringComparison.Ordinal);
    }
}
