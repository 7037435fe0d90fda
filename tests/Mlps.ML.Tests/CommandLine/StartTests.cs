using Mlps.Cli.Commands;
using Mlps.Cli.Training;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>What <c>train</c> starts from.</summary>
public sealed class StartTests
{
    private static readonly TrainingSettings _none = new() { Seed = 1 };

    [Fact]
    public void NothingChosen_IsThePretrainedStart()
    {
        Assert.True(_none.IsPretrained);
        Assert.Null(_none.WhyNotPretrained);
        Assert.Equal(PatchClassifierTrainingOptions.Pretrained.BatchSize, TrainingPlan.Classifier(_none).BatchSize);
        Assert.Equal(SegmenterTrainingOptions.Pretrained.Epochs, TrainingPlan.Segmenter(_none).Epochs);
    }

    [Fact]
    public void ChoiceOfOtherNetworksOrWeights_IsARandomStartOrThoseWeights()
    {
        TrainingSettings[] others =
        [
            _none with { Start = StartingPoint.Random },
            _none with { Recipe = Recipe.Reference },
            _none with { Width = 0.5 },
            _none with { Backbone = BackboneKind.Compact },
            _none with { ClassifierWeights = "a.pth" },
            _none with { SegmenterWeights = "a.pth" },
        ];

        Assert.All(others, settings => Assert.False(settings.IsPretrained));
        Assert.All(others, settings => Assert.NotEqual(PatchClassifierTrainingOptions.Pretrained.BatchSize, TrainingPlan.Classifier(settings).BatchSize));
        Assert.All(others, settings => Assert.Same(settings, settings.Checked()));
        Assert.All(others.Skip(1), settings => Assert.Matches("^--[a-z -]+ chooses another network .* not used", settings.WhyNotPretrained));
        Assert.Null(others[0].WhyNotPretrained);
    }

    [Fact]
    public void PretrainedStart_WithAnotherNetwork_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => (_none with { Start = StartingPoint.Pretrained, Width = 0.5 }).Checked());

        Assert.Contains("--width", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(6, 1)]
    public void BatchesThatFillNoSquares_LearnPatchByPatch(int batch, int expected)
    {
        var training = TrainingPlan.Segmenter(_none with { BatchSize = batch });

        training.Check();
        Assert.Equal(expected, training.MosaicSide);
    }

    [Fact]
    public void WeightsOfSeveralMasks_KeepTheLayersApart()
    {
        var ml = new Microsoft.ML.MLContext();

        Assert.True(Cli.Training.Chain.Start(ml, _none).PseudoMasks.FuseLayers);
        Assert.True(Cli.Training.Chain.Start(ml, _none with { MaskWeights = [1] }).PseudoMasks.FuseLayers);
        Assert.False(Cli.Training.Chain.Start(ml, _none with { MaskWeights = [0.2, 0.2, 0.6] }).PseudoMasks.FuseLayers);
    }

    [Fact]
    public void EpochsChosen_KeepThePretrainedStart()
    {
        var settings = _none with { ClassifierEpochs = 3, SegmenterEpochs = 2 };

        Assert.True(settings.IsPretrained);
        Assert.Equal(3, TrainingPlan.Classifier(settings).Epochs);
        Assert.Equal(PatchClassifierTrainingOptions.Pretrained.Augmentation, TrainingPlan.Classifier(settings).Augmentation);
    }

    [Fact]
    public void WarmUpEpochsChosen_ReplaceTheWarmUpStepsOfThePretrainedStart()
    {
        var settings = _none with { WarmUpEpochs = 0.5 };

        TrainingPlan.Classifier(settings).Check();
        TrainingPlan.Segmenter(settings).Check();
        Assert.Equal(0.5, TrainingPlan.Segmenter(settings).Optimizer.WarmUpEpochs);
        Assert.Equal(PatchClassifierTrainingOptions.Pretrained.Optimizer.WarmUpSteps, TrainingPlan.Classifier(_none).Optimizer.WarmUpSteps);
    }

    [Fact]
    public void Help_SaysTheValuesThatTrainingHas()
    {
        Assert.Equal("Default: 16 from the pretrained start, else 20.", TrainingDefaults.Both(training => training.BatchSize, training => training.BatchSize));
        Assert.Equal("Default: crossEntropyDice from the pretrained start, else crossEntropy.", TrainingDefaults.Segmenter(training => training.Loss));
        Assert.Equal("Default: 0.01.", TrainingDefaults.Segmenter(training => training.Optimizer.LearningRate));
        Assert.Equal("Patch classifier: Default: 4 from the pretrained start, else 20. Segmenter: Default: 8 from the pretrained start, else 30.", TrainingDefaults.Both(training => training.Epochs, training => training.Epochs));
    }
}
