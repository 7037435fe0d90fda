using System.Globalization;
using Microsoft.ML;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Options: what is refused, other column names, and the recipes.</summary>
[Collection(ChainTests.Name)]
public sealed class OptionTests
{
    private readonly MLContext _ml = new(seed: 4);

    public static TheoryData<string, PatchClassifierOptions> BadClassifierOptions => new()
    {
        { "Width 0", new() { Width = 0 } },
        { "Width -0.5", new() { Width = -0.5 } },
        { "Width NaN", new() { Width = double.NaN } },
        { "Width 4.5", new() { Width = 4.5 } },
        { "ValidationLabelShare 1.5", new() { ValidationLabelShare = 1.5 } },
        { "ScoringBatchSize 0", new() { ScoringBatchSize = 0 } },
        { "Layers []", new() { Layers = [] } },
        { "Layers Bn7", new() { Layers = [ActivationLayer.Bn7, ActivationLayer.Bn7] } },
        { "Layers 99", new() { Layers = [(ActivationLayer)99] } },
        { "Recipe 7", new() { Recipe = (Recipe)7 } },
        { "Normalization 7", new() { Normalization = (Normalization)7 } },
        { "column name twice Image", new() { ProbabilityColumnName = "Image" } },
        { "column name empty", new() { LabelColumnName = "" } },
        { "Epochs 0", new() { Training = new() { Epochs = 0 } } },
        { "BatchSize -1", new() { Training = new() { BatchSize = -1 } } },
        { "LearningRate 0", new() { Training = new() { Optimizer = new() { LearningRate = 0 } } } },
        { "Momentum 1", new() { Training = new() { Optimizer = new() { Momentum = 1 } } } },
        { "AttentionDivisor 0", new() { Training = new() { Quirks = new() { AttentionDivisor = 0 } } } },
    };

    public static TheoryData<string, PseudoMasksOptions> BadPseudoMaskOptions => new()
    {
        { "Layers []", new() { Layers = [] } },
        { "Layers B5Block2", new() { Layers = [ActivationLayer.B5Block2, ActivationLayer.B5Block2] } },
        { "Layers 99", new() { Layers = [(ActivationLayer)99] } },
        { "Recipe 7", new() { Recipe = (Recipe)7 } },
        { "GreyThreshold 256", new() { Background = new() { GreyThreshold = 256 } } },
        { "MinimumRegion -1", new() { Background = new() { MinimumRegion = -1 } } },
        { "column name twice Label", new() { ProbabilityColumnName = "Label" } },
        { "column name empty", new() { OutputColumnPrefix = " " } },
    };

    public static TheoryData<string, GatedSegmenterOptions> BadSegmenterOptions => new()
    {
        { "GateThreshold -0.1", new() { Segmentation = new() { GateThreshold = -0.1 } } },
        { "GateThreshold NaN", new() { Segmentation = new() { GateThreshold = double.NaN } } },
        { "ScoringBatchSize 0", new() { ScoringBatchSize = 0 } },
        { "OutputStride 4", new() { Architecture = new SegmenterArchitecture { OutputStride = 4 } } },
        { "width 0", new() { Architecture = new SegmenterArchitecture { Width = 0 } } },
        { "Gate 9", new() { Segmentation = new() { Gate = (GateMode)9 } } },
        { "Normalization 7", new() { Normalization = (Normalization)7 } },
        { "Blending 9", new() { Segmentation = new() { Blending = (BlendingKind)9 } } },
        { "Prediction 9", new() { Segmentation = new() { Prediction = (PredictionMode)9 } } },
        { "Recipe 7", new() { Recipe = (Recipe)7 } },
        { "Segmentation.Recipe Reference Default", new() { Segmentation = new() { Recipe = Recipe.Reference } } },
        { "GreyThreshold -3", new() { Segmentation = new() { Background = new() { GreyThreshold = -3 } } } },
        { "PseudoMaskColumnNames 2 3", new() { PseudoMaskColumnNames = ["a", "b"] } },
        { "column name twice a", new() { PseudoMaskColumnNames = ["a", "b", "a"] } },
        { "column name twice Image", new() { PredictedMaskColumnName = "Image" } },
        { "column name twice PredictedMask", new() { PseudoMaskColumnNames = ["a", "b", "PredictedMask"] } },
        { "MaskWeights -1", new() { Training = new() { MaskWeights = [1, -1, 1] } } },
        { "MaskWeights 0", new() { Training = new() { MaskWeights = [0, 0, 0] } } },
        { "Epochs 0", new() { Training = new() { Epochs = 0 } } },
    };

    [Theory]
    [MemberData(nameof(BadClassifierOptions), DisableDiscoveryEnumeration = true)]
    public void Classifier_BadOption_IsRefusedByNameAndValue(string words, PatchClassifierOptions options) =>
        AssertRefused(words, () => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options));

    [Theory]
    [MemberData(nameof(BadPseudoMaskOptions), DisableDiscoveryEnumeration = true)]
    public void PseudoMasks_BadOption_IsRefusedByNameAndValue(string words, PseudoMasksOptions options) =>
        AssertRefused(words, () => _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes, options));

    [Theory]
    [MemberData(nameof(BadSegmenterOptions), DisableDiscoveryEnumeration = true)]
    public void Segmenter_BadOption_IsRefusedByNameAndValue(string words, GatedSegmenterOptions options) =>
        AssertRefused(words, () => _ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, options));

    [Fact]
    public void With_ThresholdOutOfRange_IsRefusedByNameAndValue()
    {
        using var model = TinyChain.Create(_ml).Fit(TinyTable.Patches(4).Labelled());

        AssertRefused("GateThreshold 1.25", () => model.LastTransformer.With(new SegmentationOptions { GateThreshold = 1.25 }));
        AssertRefused("Gate 9", () => model.LastTransformer.With(new SegmentationOptions { Gate = (GateMode)9 }));
    }

    [Fact]
    public void ColumnNames_AllChanged_ChainGivesTheSameValues()
    {
        using var usual = TinyChain.Create(_ml, segmenter: TinyChain.Segmenter with { Run = new() { ValidationSet = TinyTable.Images(3, 44, 40).Masked() } }).Fit(TinyTable.Patches(8).Labelled());
        using var renamed = TinyChain.Create(
            _ml,
            TinyChain.Classifier with { ImageColumnName = "Tile", LabelColumnName = "Tissues", ProbabilityColumnName = "P", GateProbabilityColumnName = "G", ActivationMapsColumnName = "A" },
            new() { ImageColumnName = "Tile", LabelColumnName = "Tissues", ProbabilityColumnName = "P", ActivationMapsColumnName = "A", OutputColumnPrefix = "M-" },
            TinyChain.Segmenter with
            {
                ImageColumnName = "Tile",
                ProbabilityColumnName = "P",
                GateProbabilityColumnName = "G",
                PseudoMaskColumnNames = ["M-b4_5", "M-b5_2", "M-bn7"],
                PredictedMaskColumnName = "Out",
                PixelProbabilityColumnName = "Soft",
                PixelUncertaintyColumnName = "Doubt",
                MaskColumnName = "Truth",
                Run = new() { ValidationSet = Rename(TinyTable.Images(3, 44, 40).Masked()) },
            }).Fit(Rename(TinyTable.Patches(8).Labelled()));
        var images = TinyTable.Images(3, 40, 36);

        var expected = usual.Transform(images.Labelled());
        var actual = renamed.Transform(Rename(images.Labelled()));

        Assert.Equal(usual.LastTransformer.Segmentation, renamed.LastTransformer.Segmentation);
        Assert.All([("Probability", "P"), ("GateProbability", "G"), ("ActivationMaps", "A"), ("PixelProbability", "Soft"), ("PixelUncertainty", "Doubt")], pair =>
            Assert.Equal(expected.Vectors<float>(pair.Item1), actual.Vectors<float>(pair.Item2)));
        Assert.All([("PseudoMask.b4_5", "M-b4_5"), ("PseudoMask.bn7", "M-bn7"), ("PredictedMask", "Out")], pair =>
            Assert.Equal(expected.Vectors<byte>(pair.Item1), actual.Vectors<byte>(pair.Item2)));
    }

    [Fact]
    public void Layers_FewerThanUsual_AllThreeStagesFollow()
    {
        using var model = TinyChain.Create(
            _ml,
            TinyChain.Classifier with { Layers = [ActivationLayer.Bn7] },
            new() { Layers = [ActivationLayer.Bn7] },
            TinyChain.Segmenter with { PseudoMaskColumnNames = ["PseudoMask.bn7"], Training = new() { Epochs = 1, BatchSize = 4, MaskWeights = [1] } }).Fit(TinyTable.Patches(4).Labelled());

        var predicted = model.Transform(TinyTable.Patches(2).Labelled());

        Assert.Equal([1, 2, 0, 0], predicted.Schema.Dimensions("ActivationMaps"));
        Assert.Equal(1 * 2 * 4 * 4, predicted.Vectors<float>("ActivationMaps")[0].Length);
        Assert.Null(predicted.Schema.GetColumnOrNull("PseudoMask.b4_5"));
        Assert.Equal(2, predicted.Vectors<byte>("PredictedMask").Length);
    }

    [Fact]
    public void Layers_OtherInPseudoMasksThanInTheClassifier_ErrorNamesRowColumnAndSizes()
    {
        var error = Assert.ThrowsAny<InvalidOperationException>(() =>
            TinyChain.Create(_ml, TinyChain.Classifier with { Layers = [ActivationLayer.Bn7] }).Fit(TinyTable.Patches(4).Labelled()));

        Assert.Contains("'patch 0' (row 0)", error.Message, StringComparison.Ordinal);
        Assert.Contains("'ActivationMaps' has 32 values; expected 3 layers x 2 classes x 4 x 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferenceRecipe_NoTrainingGiven_ClassifierAndSegmenterTakeThePublishedOnes()
    {
        Assert.Equal(PatchClassifierTrainingOptions.Reference, new PatchClassifierOptions { Recipe = Recipe.Reference }.EffectiveTraining);
        Assert.Equal(SegmenterTrainingOptions.Reference, new GatedSegmenterOptions { Recipe = Recipe.Reference }.EffectiveTraining);
        Assert.Equal(new PatchClassifierTrainingOptions(), new PatchClassifierOptions().EffectiveTraining);
    }

    [Fact]
    public void ReferenceRecipe_TrainingGiven_IsNotOverruled() =>
        Assert.Equal(3, new PatchClassifierOptions { Recipe = Recipe.Reference, Training = new() { Epochs = 3 } }.EffectiveTraining.Epochs);

    [Fact]
    public void ReferenceRecipe_PseudoMasks_AreThoseOfThePublishedRule()
    {
        // A patch of no tissue: the published rule calls it the first class, the corrected one background.
        var patches = TinyTable.Patches(3);
        using var classifier = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier).Fit(patches.Labelled());
        var maps = classifier.Transform(patches.View(patches.Name, patches.Image, patches.LabelOf(_ => [false, false])));

        var mended = _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes).Fit(maps).Transform(maps).Vectors<byte>("PseudoMask.bn7");
        var published = _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes, new() { Recipe = Recipe.Reference }).Fit(maps).Transform(maps).Vectors<byte>("PseudoMask.bn7");

        Assert.Equal([2], mended[1].Select(index => (int)index).Distinct());
        Assert.Equal([0], published[1].Select(index => (int)index).Distinct());
    }

    [Fact]
    public void ReferenceRecipe_Segmenter_GatesByTheReferenceRule()
    {
        using var model = TinyChain.Create(_ml, segmenter: TinyChain.Segmenter with { Recipe = Recipe.Reference }).Fit(TinyTable.Patches(4).Labelled());

        Assert.Equal(Recipe.Reference, model.LastTransformer.Segmentation.Recipe);
    }

    /// <summary>The table with other names and without the usual ones, as ML.NET's own transforms make it.</summary>
    private IDataView Rename(IDataView table)
    {
        (string To, string From)[] names = [.. new[] { ("Tile", "Image"), ("Tissues", "Label"), ("Truth", "Mask") }.Where(pair => table.Schema.GetColumnOrNull(pair.Item2) is not null)];
        var copied = _ml.Transforms.CopyColumns(names[0].To, names[0].From).Append(_ml.Transforms.CopyColumns(names[1].To, names[1].From));
        var all = copied.Fit(table).Transform(table);
        return _ml.Transforms.DropColumns([.. names.Select(name => name.From)]).Fit(all).Transform(all);
    }

    private static void AssertRefused(string words, Func<object> action)
    {
        var error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.All(words.Split(' '), word => Assert.Contains(word, error.Message.Replace(',', ' ').ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }
}
