using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>Splits that keep the patches of a slide together.</summary>
[Collection(ChainTests.Name)]
public sealed class SourceSplitTests(TissueFolder files) : IClassFixture<TissueFolder>
{
    private readonly MLContext _ml = new(seed: 3);

    private IDataView Table => files.Open().Load(_ml, DatasetSplit.Train);

    [Fact]
    public void CrossValidationSplit_BySource_EveryRowIsTestedOnceAndNoSlideIsOnBothSides()
    {
        var folds = _ml.Data.CrossValidationSplit(Table, numberOfFolds: 3, samplingKeyColumnName: TissueColumns.Source);

        var names = Table.GetColumn<string>("Name").ToArray();
        Assert.Equal(names, folds.SelectMany(fold => fold.TestSet.GetColumn<string>("Name")).Order(StringComparer.Ordinal));
        foreach (var fold in folds)
        {
            Assert.Empty(Sources(fold.TrainSet).Intersect(Sources(fold.TestSet)));
            Assert.Equal(names.Length, fold.TrainSet.GetColumn<string>("Name").Count() + fold.TestSet.GetColumn<string>("Name").Count());
        }
    }

    [Fact]
    public void Fit_FoldsBySource_EachModelPredictsItsOwnTestRows()
    {
        var folds = _ml.Data.CrossValidationSplit(Table, numberOfFolds: 2, samplingKeyColumnName: TissueColumns.Source)
            .Where(fold => Sources(fold.TrainSet).Length > 1 && Sources(fold.TestSet).Length > 0)
            .ToArray();
        Assert.Equal(2, folds.Length);
        var digests = new List<string>();
        foreach (var fold in folds)
        {
            using var model = TinyChain.Create(_ml, TinyChain.Classifier with { Run = new() { ValidationSet = fold.TestSet } }).Fit(fold.TrainSet);
            digests.Add(model.ClassifierOf().Training.DataDigest);

            Assert.Equal(fold.TestSet.GetColumn<string>("Name").Count(), model.Transform(fold.TestSet).Vectors<byte>("PredictedMask").Length);
            Assert.Contains(model.ClassifierOf().Training.Epochs, epoch => epoch.Scores.ContainsKey("validation.labelIoU"));
        }

        Assert.NotEqual(digests[0], digests[1]);
    }

    private static string[] Sources(IDataView table) => [.. table.GetColumn<string>(TissueColumns.Source).Distinct()];
}
