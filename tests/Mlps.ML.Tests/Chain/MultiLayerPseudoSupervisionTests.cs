using Microsoft.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>The three stages as one estimator.</summary>
[Collection(ChainTests.Name)]
public sealed class MultiLayerPseudoSupervisionTests
{
    private readonly MLContext _ml = new(seed: 3);

    public static TheoryData<string, MultiLayerPseudoSupervisionOptions> Disagreements => new()
    {
        { "Classifier.Recipe is Reference, and Recipe is Default", new() { Classifier = new() { Recipe = Recipe.Reference } } },
        { "Segmenter.Recipe is Reference, and Recipe is Default", new() { Segmenter = new() { Recipe = Recipe.Reference } } },
        { "PseudoMasks.Layers is B6, and Layers is B4Block5, B5Block2, Bn7", new() { PseudoMasks = new() { Layers = [ActivationLayer.B6] } } },
        { "Segmenter.ImageColumnName is Other, and Classifier.ImageColumnName is Image", new() { Segmenter = new() { ImageColumnName = "Other" } } },
        { "Segmenter.PseudoMaskColumnNames is a, b, c", new() { Segmenter = new() { PseudoMaskColumnNames = ["a", "b", "c"] } } },
        { "Segmenter.MaskColumnName is Truth, and Classifier.MaskColumnName is Mask", new() { Segmenter = new() { MaskColumnName = "Truth" } } },
        { "Classifier.Run is", new() { Classifier = new() { Run = new() { ValidationFraction = 0.2 } } } },
    };

    [Fact]
    public void Fit_Options_GivesTheSameAsTheThreeEstimators()
    {
        var table = TinyTable.Patches(8).Labelled();
        using var one = _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, new() { Classifier = TinyChain.Classifier, Segmenter = TinyChain.Segmenter }).Fit(table);
        using var three = TinyChain.Create(new MLContext(seed: 3)).Fit(table);

        var images = TinyTable.Images(2, 44, 36).Labelled();

        Assert.Equal(three.Transform(images).Vectors<float>("PixelProbability"), one.Transform(images).Vectors<float>("PixelProbability"));
    }

    [Fact]
    public void Fit_SharedOptions_ReachEveryStage()
    {
        var progress = new ProgressList();
        ActivationLayer[] layers = [ActivationLayer.B5Block2, ActivationLayer.Bn7];
        var training = TinyChain.Segmenter.Training! with { MaskWeights = [0.4, 0.6] };
        var options = new MultiLayerPseudoSupervisionOptions
        {
            Recipe = Recipe.Reference,
            Layers = layers,
            Run = new() { Progress = progress },
            Classifier = TinyChain.Classifier with { ImageColumnName = "Image", GateProbabilityColumnName = "Windows" },
            Segmenter = TinyChain.Segmenter with { Training = training },
        };

        using var model = _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());

        var predicted = model.Transform(TinyTable.Images(1, 44, 36).Labelled());
        Assert.NotNull(predicted.Schema.GetColumnOrNull("Windows"));
        Assert.NotNull(predicted.Schema.GetColumnOrNull("PseudoMask.b5_2"));
        Assert.Null(predicted.Schema.GetColumnOrNull("PseudoMask.b4_5"));
        Assert.Equal(Recipe.Reference, model.LastTransformer.Segmentation.Recipe);
        Assert.Contains(progress.Reports, report => report.Stage is TrainingStage.PatchClassifier);
        Assert.Contains(progress.Reports, report => report.Stage is TrainingStage.Segmenter);
    }

    [Theory]
    [MemberData(nameof(Disagreements))]
    public void Create_StageThatDisagrees_NamesBothOptions(string expected, MultiLayerPseudoSupervisionOptions options)
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_LayersWithoutWeights_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, new() { Layers = [ActivationLayer.Bn7] }));

        Assert.Contains("1 PseudoMaskColumnNames for 3 MaskWeights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Estimators_ColumnNamesAsArguments_AreThoseOfTheOptions()
    {
        var catalog = _ml.TissueSegmentation;
        var table = TinyTable.Patches(8);
        using var model = catalog.PatchClassifier(TinyTissue.Classes, "Tissues", "Image", TinyChain.Classifier)
            .Append(catalog.PseudoMasks(TinyTissue.Classes, "Weak."))
            .Append(catalog.GatedSegmenter(TinyTissue.Classes, "Colours", "Image", TinyChain.Segmenter with { PseudoMaskColumnNames = ["Weak.b4_5", "Weak.b5_2", "Weak.bn7"] }))
            .Fit(table.Labelled());

        var columns = model.Transform(table.Labelled()).Schema.Select(column => column.Name);

        Assert.Superset(new HashSet<string> { "Tissues", "Weak.bn7", "Colours" }, columns.ToHashSet());
    }
}
