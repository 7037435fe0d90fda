using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

/// <summary>The fused step by itself; its results are compared with PyTorch's in <see cref="NetworkOptimizerTests"/>.</summary>
public sealed class FusedSgdTests
{
    [Fact]
    public void Step_WhileTheCollectorRuns_ReadsItsRatesAsGiven()
    {
        const int Steps = 20_000;
        using var scope = NewDisposeScope();
        using var ended = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        var (weights, gradients, momentum) = (zeros(64, ScalarType.Float64, CPU), ones(64, ScalarType.Float64, CPU), zeros(64, ScalarType.Float64, CPU));
        collector.Start();
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                FusedSgd.Step([weights], [gradients], [momentum], decay: 0, factor: 0.5, rate: 0.25, nesterov: false);
            }
        }
        finally
        {
            ended.Cancel();
            collector.Join();
        }

        // After step k the momentum is 2 - 2^(1 - k): a sum of 2·Steps - 2.
        Assert.Equal(-0.25 * ((2 * Steps) - 2), weights.mean().ToDouble(), 1e-6);
    }
}
