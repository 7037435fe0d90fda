using System.Diagnostics;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Setup;

/// <summary>Steps of a stage by the training loop's own parts: reading, augmentation, loss, scores, optimizer and its schedule.</summary>
internal sealed class TrainerSteps : IDisposable
{
    private const int Planned = 1_000;

    private readonly ITrainedStage _stage;
    private readonly Device _device;
    private readonly NetworkOptimizer _optimizer;
    private readonly BatchFeed _feed;
    private readonly DropoutSource _dropout = new(seed: 1);
    private readonly StepReadings _readings;
    private double _loss;
    private int _step;

    public TrainerSteps(ITrainedStage stage, PatchStore patches, AugmentationOptions augmentation, int batchSize, Device device)
    {
        (_stage, _device, _readings) = (stage, device, new StepReadings(StepReadings.StepsOn(device)));
        _optimizer = stage.PrepareOptimizer(Planned);
        stage.StartEpoch(0);
        SeededDropout.DrawFrom(stage.Network, _dropout);
        var plan = new EpochPlan(patches.Count, batchSize, KeepShortBatch: false, Seed: 1);
        _feed = new BatchFeed(new BatchReader(patches, augmentation, seed: 1, device), Enumerable.Range(0, Planned).SelectMany(plan.Batches).Take(Planned), epoch: 0);
    }

    /// <summary>How long steps have waited for their batch.</summary>
    public Stopwatch Waiting { get; } = new();

    /// <summary>One step; returns the last loss that was read.</summary>
    public double Step()
    {
        using var scope = NewDisposeScope();
        Waiting.Start();
        using var batch = _feed.Next()!;
        Waiting.Stop();
        _dropout.StartStep(_step);
        using var rounding = FactorRounding.On(_device, _stage.Precision);
        using var search = ConvolutionSearch.On(_device);
        var patches = (int)batch.Images.shape[0];
        var (loss, scores) = _stage.Loss(batch, BatchShare.All(patches));
        _readings.Add(loss, scores, patches, _step, rate: 0);
        if (_readings.ReadIfDue() is [.., var last])
        {
            _loss = last.Loss;
        }

        _optimizer.Step(loss, _step++);
        return _loss;
    }

    public void Dispose()
    {
        _feed.Dispose();
        _readings.Dispose();
        _optimizer.Dispose();
        _dropout.Dispose();
    }
}
