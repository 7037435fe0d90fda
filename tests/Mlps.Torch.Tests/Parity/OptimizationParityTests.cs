using System.Text.Json;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Devices;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

/// <summary>The recorded optimisation steps, repeated in double precision, where momentum, weight decay and rates show far above rounding.</summary>
public sealed class OptimizationParityTests : IDisposable
{
    private const double DoubleTolerance = 1e-7;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("train_noPDA", null)]
    [InlineData("train_PDA0.8", 0.8)]
    public void PatchClassifier_ThreeSteps_GiveTheRecordedLossesGradientsAndWeights(string run, double? threshold) =>
        AssertClassifierSteps(ReferenceFigures.WithTests("stage1_small"), run, threshold);

    [SharedDataTheory]
    [InlineData("train_noPDA", null)]
    [InlineData("train_PDA0.8", 0.8)]
    public void PatchClassifier_ThreeSteps_GiveAllRecordedSamples(string run, double? threshold) =>
        AssertClassifierSteps(ReferenceFigures.Shared("stage1_small"), run, threshold);

    [Theory]
    [InlineData("sgd_bneval", 0.01, false)]
    [InlineData("sgd_bntrain", 0.001, true)]
    public void Segmenter_TwoSteps_GiveTheRecordedLossesGradientsAndWeights(string run, double rate, bool trainBatchNorm) =>
        AssertSegmenterSteps(ReferenceFigures.WithTests("stage2_small"), run, rate, trainBatchNorm);

    [SharedDataTheory]
    [InlineData("sgd_bneval", 0.01, false)]
    [InlineData("sgd_bntrain", 0.001, true)]
    public void Segmenter_TwoSteps_GiveAllRecordedSamples(string run, double rate, bool trainBatchNorm) =>
        AssertSegmenterSteps(ReferenceFigures.Shared("stage2_small"), run, rate, trainBatchNorm);

    private static void AssertClassifierSteps(ReferenceFigures figures, string run, double? threshold)
    {
        using var network = ReferenceNetworks.PatchClassifier(ScalarType.Float64);
        using var store = new PatchStore(new PatchLayout(64, 64, 4, 0));
        store.Add();
        var trainer = new PatchClassifierTrainer(network, store, PatchClassifierTrainingOptions.Reference with { Epochs = 2 }, Normalization.None, TestDevice.Value);
        using var optimizer = trainer.PrepareOptimizer(stepsPerEpoch: 5);
        var images = figures.Load("train_input_x4").to(ScalarType.Float64);
        var labels = figures.Load("train_labels_x4").to(ScalarType.Float64);
        var attention = threshold is { } mu ? new ProgressiveDropoutAttention(mu, Divisor: 4) : null;
        var before = Copy(network);
        var losses = new List<double>();

        for (var step = 0; step < 3; step++)
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.multilabel_soft_margin_loss(network.forward(images, attention), labels);
            losses.Add(loss.ToDouble());
            optimizer.Backward(loss);
            if (step == 0)
            {
                AssertSamples(figures, $"{run}/grad0/", Gradients(network));
            }

            optimizer.Apply(step);
        }

        losses.Add(nn.functional.multilabel_soft_margin_loss(network.forward(images, attention), labels).ToDouble());
        ParityAssert.Close(run + " losses", losses.ToArray(), Losses(figures.Scalar(run + "_f64")), 1e-10);
        AssertSamples(figures, $"{run}/delta3/", Differences(network, before));
    }

    private static void AssertSegmenterSteps(ReferenceFigures figures, string run, double rate, bool trainBatchNorm)
    {
        using var network = ReferenceNetworks.Segmenter(ScalarType.Float64);
        var reference = SegmenterTrainingOptions.Reference;
        var options = reference with { Epochs = 2, Optimizer = reference.Optimizer with { LearningRate = rate } };
        using var store = new PatchStore(new PatchLayout(64, 64, 4, 3));
        store.Add();
        var trainer = new SegmenterTrainer(network, store, options, Normalization.None, TestDevice.Value);
        using var optimizer = trainer.PrepareOptimizer(stepsPerEpoch: 3);
        var images = figures.Load("input_x4").to(ScalarType.Float64);
        var masks = stack([figures.Load("target_b"), figures.Load("target_a"), figures.Load("target")], dim: 1).to(ScalarType.Int64);
        var lossFunction = new MultiLayerLoss(options, ReferenceNetworks.ClassCount);
        network.train(trainBatchNorm);
        var before = Copy(network);
        var losses = new List<double>();

        for (var step = 0; step < 2; step++)
        {
            using var scope = NewDisposeScope();
            var loss = lossFunction.Compute(network.forward(images), masks);
            losses.Add(loss.ToDouble());
            optimizer.Backward(loss);
            if (step == 0)
            {
                AssertSamples(figures, $"{run}/grad0/", Gradients(network));
            }

            optimizer.Apply(step);
            if (step == 0)
            {
                AssertSamples(figures, $"{run}/delta1/", Differences(network, before));
            }
        }

        losses.Add(lossFunction.Compute(network.forward(images), masks).ToDouble());
        ParityAssert.Close(run + " losses", losses.ToArray(), Losses(figures.Scalar(run + "_f64")), 1e-10);
    }

    private static void AssertSamples(ReferenceFigures figures, string prefix, Dictionary<string, Tensor> actual)
    {
        var recorded = figures.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(recorded);
        Assert.All(recorded, name => ParityAssert.SamplesClose(name, actual[name[prefix.Length..]], figures.Samples(name), DoubleTolerance));
    }

    private static Dictionary<string, Tensor> Copy(nn.Module network) =>
        network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());

    private static Dictionary<string, Tensor> Gradients(nn.Module network) =>
        network.named_parameters().Where(entry => entry.parameter.grad is not null).ToDictionary(entry => entry.name, entry => entry.parameter.grad!);

    private static Dictionary<string, Tensor> Differences(nn.Module network, Dictionary<string, Tensor> before) =>
        network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().sub(before[entry.Key]));

    private static double[] Losses(JsonElement steps) => [.. steps.EnumerateArray().Select(step => step.GetProperty("loss").GetDouble())];
}
