namespace Mlps.Package.Tests;

/// <summary>How the applications of these tests begin: with a small dataset that they write and open.</summary>
internal static class SmallDataset
{
    /// <summary>Height and width of the test images that <see cref="Program"/> writes.</summary>
    public const int TestSize = 48;

    /// <summary>The first lines of a program; they leave <c>ml</c>, <c>dataset</c> and the table <c>train</c>.</summary>
    public const string Program = """
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using Mlps.ML;
        using Mlps.Torch.Networks;

        SyntheticTissue.Write("data", new SyntheticTissueOptions { TrainPatches = 12, ValidationPatches = 2, TestPatches = 2, PatchSize = 32, EvaluationSize = 48, ClassCount = 2 });
        var ml = new MLContext(seed: 1);
        var dataset = TissueDataset.Open("data");
        var train = dataset.Load(ml, DatasetSplit.Train);
        """;
}
