using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Validation on a share of the training patches: whole slides are held out of both stages.</summary>
[Collection(ChainTests.Name)]
public sealed class ValidationFractionTests
{
    private const int PatchesPerSlide = 3;

    private readonly ProgressList _progress = new();

    [Fact]
    public void Fit_Fraction_ScoresEveryEpochOfBothStages()
    {
        using var model = Fit(Table(12), fraction: 0.25);

        Assert.Equal(2, _progress.EpochScores(TrainingStage.PatchClassifier, "validation.labelIoU").Length);
        Assert.Equal(2, _progress.EpochScores(TrainingStage.Segmenter, "validation.pseudoMaskAgreement").Length);
        Assert.Equal(2, _progress.EpochScores(TrainingStage.Segmenter, "validation.pseudoMaskAgreement.withoutGate").Length);
        Assert.Empty(_progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU"));
        Assert.All(_progress.EpochScores(TrainingStage.Segmenter, "validation.pseudoMaskAgreement"), score => Assert.InRange(score, 0.01, 1));
    }

    [Fact]
    public void Fit_Fraction_IsTheTrainingOnTheOtherSlides()
    {
        // The held-out slide is found from the log; a training on the rest alone, scored on that slide's labels, must give the same weights.
        var log = new List<string>();
        using var split = Fit(Table(12), fraction: 0.25, log);
        Assert.Contains(log, message => message.Contains("Held out of the training: 3 of 12 patches, from 1 of 4 sources", StringComparison.Ordinal));
        var digest = split.ClassifierOf().Training.DataDigest;

        string[] others = [.. Enumerable.Range(0, 4).Select(slide =>
        {
            using var rest = Classifier(Table(12, without: slide), Table(12, only: slide));
            return rest.Training.DataDigest;
        })];

        Assert.Single(others, digest);
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.3, 3)]
    [InlineData(0.5, 5)]
    [InlineData(0.99, 9)]
    public void Draw_Fraction_HoldsOutThatShareOfTheSlidesAndTheSameOnesInBothStages(double fraction, int slides)
    {
        var ml = new MLContext(5);
        using var classifier = Classifier(Table(6), Table(6));

        var first = SourceSplit.Draw(ml, Table(30), fraction)!;
        var second = SourceSplit.Draw(ml, classifier.Transform(Table(30)), fraction)!;

        string[] all = [.. Enumerable.Range(0, 10).Select(slide => $"slide {slide}")];
        Assert.Equal(slides, all.Count(first.HoldsOut));
        Assert.Equal(all.Where(first.HoldsOut), all.Where(second.HoldsOut));
    }

    [Fact]
    public void Draw_OtherSeeds_HoldOtherSlidesOut()
    {
        var drawn = Enumerable.Range(0, 20).Select(seed => SourceSplit.Draw(new MLContext(seed), Table(30), 0.1)!)
            .Select(split => Enumerable.Range(0, 10).Single(slide => split.HoldsOut($"slide {slide}")));

        Assert.True(drawn.Distinct().Count() > 3);
    }

    [Fact]
    public void Fit_OneSlide_SaysThatNoneCanBeHeldOut()
    {
        var error = Assert.Throws<TissueDataException>(() => Fit(Table(3), fraction: 0.5));

        Assert.Contains("come from one source", error.Message, StringComparison.Ordinal);
        Assert.Contains("set ValidationFraction to 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoSourceColumn_NamesTheColumnsThatThereAre()
    {
        var error = Assert.Throws<TissueDataException>(() => Fit(TinyTable.Patches(8).Labelled(), fraction: 0.5));

        Assert.Contains("no Text column 'Source'; it has Name, Image, Label", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_SetAndFraction_AreRefused()
    {
        var set = TinyTable.Patches(2).Masked();
        var ml = new MLContext(1);

        var classifier = Assert.Throws<ArgumentException>(() => ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { Run = new() { ValidationSet = set, ValidationFraction = 0.1 } }));
        var segmenter = Assert.Throws<ArgumentException>(() => ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, TinyChain.Segmenter with { Run = new() { ValidationSet = set, ValidationFraction = 0.1 } }));

        Assert.Contains("give one of them", classifier.Message, StringComparison.Ordinal);
        Assert.Contains("give one of them", segmenter.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Options_FractionOutsideItsRange_IsRefused(double fraction)
    {
        var ml = new MLContext(1);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { Run = new() { ValidationFraction = fraction } }));

        Assert.Contains("must be in [0, 1)", error.Message, StringComparison.Ordinal);
    }

    private static IDataView Table(int count, int? without = null, int? only = null)
    {
        var numbers = Enumerable.Range(0, count).Where(number => Slide(number) != without && (only is null || Slide(number) == only));
        var table = new TinyTable(numbers.Select(number => new TinyRow(number)));
        var slides = table.Rows.Select(row => $"slide {Slide(row.Number)}").ToArray();
        var source = new PatchColumn<ReadOnlyMemory<char>>(
            TissueColumns.Source, TextDataViewType.Instance, (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = slides[int.Parse(patch.Name["patch ".Length..], System.Globalization.CultureInfo.InvariantCulture)].AsMemory());
        return table.View(table.Name, table.Image, table.Label, source);
    }

    private static int Slide(int number) => number / PatchesPerSlide;

    private TransformerChain<GatedSegmenterTransformer> Fit(IDataView table, double fraction, List<string>? log = null)
    {
        var ml = new MLContext(5);
        ml.Log += (_, entry) => log?.Add(entry.Message);
        return TinyChain.Create(
            ml,
            TinyChain.Classifier with { Run = new() { ValidationFraction = fraction, Progress = _progress }, Training = new() { Epochs = 2, BatchSize = 3 } },
            segmenter: TinyChain.Segmenter with { Run = new() { ValidationFraction = fraction, Progress = _progress }, Training = new() { Epochs = 2, BatchSize = 3 } }).Fit(table);
    }

    private static PatchClassifierTransformer Classifier(IDataView table, IDataView validation) => new MLContext(5).TissueSegmentation
        .PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { Run = new() { ValidationSet = validation }, Training = new() { Epochs = 2, BatchSize = 3 } }).Fit(table);
}
