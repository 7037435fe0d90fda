using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training;

public sealed class TrainingOptionsTests
{
    public static TheoryData<string, string, Action> Faults { get; } = new()
    {
        { "Epochs", "0", () => new PatchClassifierTrainingOptions { Epochs = 0 }.Check() },
        { "BatchSize", "-2", () => new PatchClassifierTrainingOptions { BatchSize = -2 }.Check() },
        { "AttentionDivisor", "0", () => new PatchClassifierTrainingOptions { Quirks = new() { AttentionDivisor = 0 } }.Check() },
        { "LearningRate", "NaN", () => new PatchClassifierTrainingOptions { Optimizer = new() { LearningRate = double.NaN } }.Check() },
        { "Decay", "1.5", () => new PatchClassifierTrainingOptions { Attention = new() { Decay = 1.5 } }.Check() },
        { "StainJitter", "2", () => new PatchClassifierTrainingOptions { Augmentation = new() { StainJitter = 2 } }.Check() },
        { "Epochs", "0", () => new SegmenterTrainingOptions { Epochs = 0 }.Check() },
        { "BatchSize", "0", () => new SegmenterTrainingOptions { BatchSize = 0 }.Check() },
        { "MaskWeights", "0.5, -1", () => new SegmenterTrainingOptions { MaskWeights = [0.5, -1] }.Check() },
        { "MaskWeights", "0, 0", () => new SegmenterTrainingOptions { MaskWeights = [0, 0] }.Check() },
        { "MaskWeights", "[]", () => new SegmenterTrainingOptions { MaskWeights = [] }.Check() },
        { "MaskWeights", "NaN", () => new SegmenterTrainingOptions { MaskWeights = [double.NaN] }.Check() },
        { "MaskWeights", "Infinity", () => new SegmenterTrainingOptions { MaskWeights = [double.PositiveInfinity] }.Check() },
        { "BlurRadius", "-1", () => new SegmenterTrainingOptions { Augmentation = new() { BlurRadius = -1 } }.Check() },
        { "Momentum", "1", () => new SegmenterTrainingOptions { Optimizer = new() { Momentum = 1 } }.Check() },
        { "LearningRate", "0", () => new OptimizerOptions { LearningRate = 0 }.Check() },
        { "LearningRate", "Infinity", () => new OptimizerOptions { LearningRate = double.PositiveInfinity }.Check() },
        { "HeadFactor", "-1", () => new OptimizerOptions { HeadFactor = -1 }.Check() },
        { "Momentum", "-0.1", () => new OptimizerOptions { Momentum = -0.1 }.Check() },
        { "WeightDecay", "-0.5", () => new OptimizerOptions { WeightDecay = -0.5 }.Check() },
        { "DecayPower", "-1", () => new OptimizerOptions { DecayPower = -1 }.Check() },
        { "WarmUpEpochs", "-1", () => new OptimizerOptions { WarmUpEpochs = -1 }.Check() },
        { "WarmUpSteps", "-1", () => new OptimizerOptions { WarmUpSteps = -1 }.Check() },
        { "WarmUpSteps", "WarmUpEpochs is 0.5", () => new OptimizerOptions { WarmUpSteps = 3, WarmUpEpochs = 0.5 }.Check() },
        { "WeightAveraging", "1", () => new SegmenterTrainingOptions { WeightAveraging = 1 }.Check() },
        { "WeightAveraging", "-0.1", () => new PatchClassifierTrainingOptions { WeightAveraging = -0.1 }.Check() },
        { "AgreementFactor", "0", () => new SegmenterTrainingOptions { AgreementFactor = 0 }.Check() },
        { "DisagreementFactor", "-2", () => new SegmenterTrainingOptions { DisagreementFactor = -2 }.Check() },
        { "MinimumScale", "0.1", () => new AugmentationOptions { MinimumScale = 0.1 }.Check() },
        { "MinimumScale", "1.5", () => new AugmentationOptions { MinimumScale = 1.5, MaximumScale = 1.2 }.Check() },
        { "MaximumScale", "5", () => new AugmentationOptions { MaximumScale = 5 }.Check() },
        { "MaximumAngle", "181", () => new AugmentationOptions { MaximumAngle = 181 }.Check() },
        { "MaximumAngle", "NaN", () => new AugmentationOptions { MaximumAngle = double.NaN }.Check() },
        { "EpochsPerStep", "0", () => new OptimizerOptions { EpochsPerStep = 0 }.Check() },
        { "Decay", "9", () => new OptimizerOptions { Decay = (LearningRateDecay)9 }.Check() },
        { "Nesterov", "0", () => new OptimizerOptions { Nesterov = true, Momentum = 0 }.Check() },
        { "Loss", "7", () => new SegmenterTrainingOptions { Loss = (SegmentationLoss)7 }.Check() },
        { "ClassWeighting", "7", () => new SegmenterTrainingOptions { ClassWeighting = (ClassWeighting)7 }.Check() },
        { "FocalGamma", "-1", () => new SegmenterTrainingOptions { FocalGamma = -1 }.Check() },
        { "FocalAlpha", "0", () => new SegmenterTrainingOptions { FocalAlpha = 0 }.Check() },
        { "Decay", "0", () => new AttentionSchedule { Decay = 0 }.Check() },
        { "Bound", "1.1", () => new AttentionSchedule { Bound = 1.1 }.Check() },
        { "DecayFromEpoch", "-1", () => new AttentionSchedule { DecayFromEpoch = -1 }.Check() },
        { "FirstEpoch", "-3", () => new AttentionSchedule { FirstEpoch = -3 }.Check() },
        { "BlurProbability", "1.5", () => new AugmentationOptions { BlurProbability = 1.5 }.Check() },
        { "StainJitter", "-0.1", () => new AugmentationOptions { StainJitter = -0.1 }.Check() },
        { "GreyThreshold", "256", () => new PseudoMaskRules { Background = new() { GreyThreshold = 256 } }.Check() },
        { "MinimumRegion", "-1", () => new BackgroundOptions { MinimumRegion = -1 }.Check() },
        { "GateThreshold", "1.01", () => new PredictionOptions { GateThreshold = 1.01 }.Check() },
        { "Views", "3", () => new PredictionOptions { Views = 3 }.Check() },
        { "OutputStride", "32", () => new SegmenterArchitecture { OutputStride = 32 }.Check() },
        { "factor", "0", () => new SegmenterArchitecture { Width = 0 }.Check() },
        { "Backbone", "99", () => new SegmenterArchitecture { Backbone = (BackboneKind)99 }.Check() },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void Check_ValueOutsideItsRange_NamesOptionAndValue(string option, string value, Action check)
    {
        var error = Assert.ThrowsAny<ArgumentException>(check);

        Assert.Contains(option, error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_DefaultsAndReference_Pass()
    {
        new PatchClassifierTrainingOptions().Check();
        PatchClassifierTrainingOptions.Reference.Check();
        (new PatchClassifierTrainingOptions() with { Attention = AttentionSchedule.Off }).Check();
        new SegmenterTrainingOptions().Check();
        SegmenterTrainingOptions.Reference.Check();
        new PseudoMaskRules().Check();
        new PseudoMaskRules { Background = null }.Check();
        new PredictionOptions().Check();
        new SegmenterArchitecture().Check();
        AugmentationOptions.None.Check();
    }
}
