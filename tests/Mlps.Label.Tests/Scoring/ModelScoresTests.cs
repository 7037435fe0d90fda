using Microsoft.ML;
using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Scoring;

/// <summary>The most useful patches come first.</summary>
public sealed class ModelScoresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Run_Classifier_GivesEachUnansweredPatchItsProbabilitiesInTheOrderOfTheLabels()
    {
        var ml = new MLContext(seed: 1);
        SyntheticTissue.Write(_folder.Combine("drawn"), new SyntheticTissueOptions { ClassCount = 2, TrainPatches = 8, ValidationPatches = 1, TestPatches = 1, PatchSize = 32, EvaluationSize = 32, Background = false });
        var drawn = TissueDataset.Open(_folder.Combine("drawn"));
        using var classifier = ml.TissueSegmentation.PatchClassifier(drawn.Classes, new PatchClassifierOptions { Width = 1.0 / 32, Training = new() { Epochs = 1, BatchSize = 4 } }).Fit(drawn.Load(ml, DatasetSplit.Train));
        foreach (var (number, patch) in drawn.Patches(DatasetSplit.Train).Index())
        {
            File.Copy(patch.ImagePath, _folder.File($"patches/s{number % 2}_x{number}_y0.png"));
        }

        File.WriteAllText(_folder.File("patches/s1_x9_y0.png"), "damaged");
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None);
        using var labels = LabelFolder.Open(_folder.Combine("labels"), new TissueClasses(drawn.Classes.Reverse()));
        labels.Append("Anna", Answer("s0_x0_y0.png", 1));
        var session = new LabelSession(patches, labels, seed: 1);
        var scores = new ModelScores(classifier.Transform, drawn.Classes);

        scores.Require("model.zip", labels.Classes);
        Assert.Equal(7, scores.Run(session, count: 100, CancellationToken.None));

        Assert.Null(session.Guess(patches.Find("s0_x0_y0.png")!.Value));
        Assert.Null(session.Guess(patches.Find("s1_x9_y0.png")!.Value));
        var direct = ml.Data.CreateEnumerable<Scored>(classifier.Transform(ImageFolder.Open(_folder.Combine("drawn", "train")).Load(ml)), reuseRowObject: false).ToArray();
        var guess = session.Guess(patches.Find("s1_x1_y0.png")!.Value)!;
        var expected = direct.Single(row => row.Name == drawn.Patches(DatasetSplit.Train)[1].Name).Probability.Reverse();
        Assert.All(expected.Zip(guess), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

        // Anna's next: the most uncertain of the two slides first.
        var next = session.Next("Anna", 8);
        Assert.Equal(8, next.Count);
        Assert.Equal(["s0", "s1"], next.Take(2).Select(patch => patch.Slide).Order(StringComparer.Ordinal));
        Assert.Equal("s1_x9_y0.png", next[^1].Key);
        var uncertainty = next.Take(7).GroupBy(patch => patch.Slide, patch => LabelSession.Uncertainty(session.Guess(patch.Index)!), StringComparer.Ordinal);
        Assert.All(uncertainty, slide => Assert.Equal(slide.OrderDescending(), slide));
    }

    [Fact]
    public void Require_ModelOfOtherTissues_IsRefused()
    {
        var scores = new ModelScores(table => table, new TissueClasses(Classes.Take(2)));

        Assert.Contains("lymphocyte", Assert.Throws<TissueDataException>(() => scores.Require("model.zip", Classes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0.11, 0.49992)]
    public void Uncertainty_OfAProbability_IsItsEntropyInBits(double probability, double expected) =>
        Assert.Equal(expected, LabelSession.Uncertainty([(float)probability]), 4);

    public void Dispose() => _folder.Dispose();

    private sealed class Scored
    {
        public string Name { get; set; } = string.Empty;

        [Microsoft.ML.Data.VectorType]
        public float[] Probability { get; set; } = [];
    }
}
