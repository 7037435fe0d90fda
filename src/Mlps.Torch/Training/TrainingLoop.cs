using System.Runtime.InteropServices;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Trains a stage: epochs of steps, validation, the best weights kept, checkpoints.</summary>
/// <remarks>Everything drawn at random is fixed by seed, epoch, step and patch, so that a run that was stopped goes on as if it had not been.</remarks>
internal sealed class TrainingLoop(ITrainedStage stage, PatchStore patches, TrainingLoopOptions options, Device device)
{
    /// <summary>Where the run is kept while it goes on; null to keep nothing.</summary>
    public TrainingCheckpoint? Checkpoint { get; init; }

    /// <summary>Trains the stage's network in place, from where the checkpoint is.</summary>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the checkpoint holds the last step.</exception>
    public void Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var state = ComputeScope.ForGradients();
        using var dropout = new DropoutSource(options.Seed);
        SeededDropout.DrawFrom(stage.Network, dropout);
        try
        {
            Run(dropout, progress is null ? null : new OutsideProgress(state, progress), cancellation);
        }
        finally
        {
            SeededDropout.DrawFrom(stage.Network, source: null);
        }
    }

    private void Run(DropoutSource dropout, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var plan = new EpochPlan(patches.Count, options.BatchSize, options.KeepShortBatch, options.Seed);
        var meter = new EpochMeter(stage.Stage, options.Epochs, (long)options.Epochs * plan.StepsPerEpoch, progress);
        var reader = new BatchReader(patches, options.Augmentation, options.Seed, device);
        using var best = new BestWeights();
        using var optimizer = WithinMemory(() => stage.PrepareOptimizer(plan.StepsPerEpoch));
        using var average = options.WeightAveraging > 0 ? new AveragedWeights(stage.Network, options.WeightAveraging, optimizer.Flats) : null;
        var run = new TrainingState(stage.Network, optimizer, best, meter, average) { Epochs = options.Epochs, StepsPerEpoch = plan.StepsPerEpoch, Patience = options.Patience };
        Checkpoint?.Restore(run);

        while (!run.Finished)
        {
            stage.StartEpoch(run.Epoch);
            meter.StartEpoch(run.Epoch);
            using (var feed = new BatchFeed(reader, plan.Batches(run.Epoch).Skip(run.StepInEpoch), run.Epoch))
            {
                Steps(feed, dropout, run, cancellation);
            }

            EndEpoch(run);
            Checkpoint?.Save(run);
        }

        average?.Put();
        best.Restore(stage.Network);
        stage.Network.eval();
    }

    private void Steps(BatchFeed feed, DropoutSource dropout, TrainingState run, CancellationToken cancellation)
    {
        while (true)
        {
            if (cancellation.IsCancellationRequested)
            {
                Checkpoint?.Save(run);
                cancellation.ThrowIfCancellationRequested();
            }

            using var scope = NewDisposeScope();
            using var batch = feed.Next();
            if (batch is null)
            {
                return;
            }

            dropout.StartStep(run.Meter.Step);
            Step(batch, run);
            Checkpoint?.SaveIfDue(run);
        }
    }

    private void Step(PatchBatch batch, TrainingState run)
    {
        var rate = run.Optimizer.RateAt(run.Meter.Step);
        var (value, scores) = WithinMemory(() =>
        {
            using var rounding = FactorRounding.On(device, stage.Precision);
            var (loss, scores) = stage.Loss(batch);
            var value = loss.detach().ToDouble();
            TrainingException.ThrowIfNotFinite(value, run.Meter.Step, rate);
            run.Optimizer.Step(loss, run.Meter.Step);
            run.Average?.Update(run.Meter.Step);
            return (value, scores);
        });
        run.StepInEpoch++;
        run.Meter.Add((int)batch.Images.shape[0], value, rate, scores);
    }

    /// <summary>The result of work that may need more memory than the device has.</summary>
    /// <exception cref="TrainingException">It did.</exception>
    private T WithinMemory<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException exception) when (exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            throw TrainingException.OutOfMemory(options.BatchSize, device, exception);
        }
    }

    private void EndEpoch(TrainingState run)
    {
        stage.Network.eval();
        using (run.Average?.PutForAWhile())
        {
            var ended = run.Epoch + 1;
            var scores = ended % options.EpochsPerValidation == 0 || ended == options.Epochs ? stage.Validate() : [];
            run.Meter.EndEpoch(scores.ToDictionary());
            if (options.KeepBest && scores.Count > 0)
            {
                run.EpochsSinceBest = run.Best.Offer(stage.Network, scores[0].Value) ? 0 : run.EpochsSinceBest + options.EpochsPerValidation;
            }
        }

        run.Epoch++;
        run.StepInEpoch = 0;
        run.Finished = run.Epoch == options.Epochs || run.EpochsSinceBest >= options.Patience;
    }
}
