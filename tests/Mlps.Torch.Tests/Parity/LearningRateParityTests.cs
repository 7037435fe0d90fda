using System.Text.Json;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class LearningRateParityTests
{
    [Theory]
    [InlineData("poly_lr_0.01_10", 10)]
    [InlineData("poly_lr_0.01_37", 37)]
    public void RateAt_PatchClassifier_GivesTheRecordedCourse(string name, int steps)
    {
        var recorded = ReferenceFigures.WithTests("stage1_small").Scalar(name).GetProperty("lr_used_at_step_k");

        AssertCourse(name, PatchClassifierTrainingOptions.Reference.Optimizer, recorded, steps);
    }

    [Theory]
    [InlineData("poly_base0.01_epochs30_iters5", 150)]
    [InlineData("poly_base0.01_epochs2_iters4", 8)]
    public void RateAt_Segmenter_GivesTheRecordedCourse(string name, int steps)
    {
        var recorded = ReferenceFigures.WithTests("stage2_small").Scalar("lr_scheduler").GetProperty(name);

        AssertCourse(name, SegmenterTrainingOptions.Reference.Optimizer, recorded, steps);
    }

    private static void AssertCourse(string name, OptimizerOptions options, JsonElement recorded, int steps)
    {
        using var scope = NewDisposeScope();
        using var weight = nn.Linear(1, 1, hasBias: false);
        using var optimizer = new NetworkOptimizer(options, epochs: 1, steps, (weight.parameters().Cast<TorchSharp.Modules.Parameter>(), 1, Decay: true));
        var rates = recorded.EnumerateArray().Take(steps).ToArray();

        ParityAssert.Close(name + " body", [.. rates.Select((_, step) => optimizer.RateAt(step))], [.. rates.Select(pair => pair[0].GetDouble())], 1e-13);
        ParityAssert.Close(name + " head", [.. rates.Select((_, step) => options.HeadFactor * optimizer.RateAt(step))], [.. rates.Select(pair => pair[1].GetDouble())], 1e-13);
    }
}
