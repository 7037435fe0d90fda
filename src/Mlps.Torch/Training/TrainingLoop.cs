using System.Runtime.InteropServices;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
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

    /// <summary>Those with whom every batch is shared; null to train alone.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>Steps after which their losses and scores are read from the device, all at once; null for what suits it.</summary>
    /// <remarks>Progress lags by so many steps. Ranks read every step.</remarks>
    public int? StepsPerReading { get; init; }

    /// <summary>Whether this process writes the checkpoint.</summary>
    private bool Writes => Ranks is null or { IsFirst: true };

    /// <summary>Trains the stage's network in place, from where the checkpoint is.</summary>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, this process or another rank; the checkpoint holds the last step.</exception>
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
        if (Ranks is not null)
        {
            RankAgreement.RequireShares(Ranks, plan, options.Together);
            RankAgreement.RequireDevices(Ranks, device);
        }

        var meter = new EpochMeter(stage.Stage, options.Epochs, (long)options.Epochs * plan.StepsPerEpoch, progress);
        var reader = new BatchReader(patches, options.Augmentation, options.Seed, device);
        using var best = new BestWeights();
        using var optimizer = WithinMemory(() => stage.PrepareOptimizer(plan.StepsPerEpoch));
        optimizer.Ranks = Ranks;
        using var average = options.WeightAveraging > 0 ? new AveragedWeights(stage.Network, options.WeightAveraging, optimizer.Flats) : null;
        using var readings = new StepReadings(Ranks is null ? StepsPerReading ?? StepReadings.StepsOn(device) : 1);
        var run = new TrainingState(stage.Network, optimizer, best, meter, average) { Epochs = options.Epochs, StepsPerEpoch = plan.StepsPerEpoch, Patience = options.Patience, Readings = readings };
        Checkpoint?.Restore(run, Writes);
        RequireAgreement(run);

        while (!run.Finished)
        {
            stage.StartEpoch(run.Epoch);
            meter.StartEpoch(run.Epoch);
            using (var feed = new BatchFeed(reader, plan.Batches(run.Epoch).Skip(run.StepInEpoch).Select(batch => ShareOf(batch.Length).Of(batch)), run.Epoch))
            {
                Steps(feed, plan, dropout, run, cancellation);
            }

            EndEpoch(run);
            RequireAgreement(run);
            Save(run);
        }

        average?.Put();
        best.Restore(stage.Network);
        stage.Network.eval();
    }

    private void Steps(BatchFeed feed, EpochPlan plan, DropoutSource dropout, TrainingState run, CancellationToken cancellation)
    {
        while (true)
        {
            if (Ranks is null ? cancellation.IsCancellationRequested : run.StopAgreed)
            {
                Save(run);
                throw Ranks is null ? new OperationCanceledException(cancellation) : new RankStopException();
            }

            using var scope = NewDisposeScope();
            using var batch = WithinMemory(feed.Next);
            if (batch is null)
            {
                Count(run, run.Readings.Read());
                return;
            }

            var share = ShareOf(plan.SizeOf(run.StepInEpoch));
            dropout.StartStep(run.Step, share);
            Step(batch, share, run, cancellation);
            if (Checkpoint is { IsDue: true })
            {
                Save(run);
            }
        }
    }

    private void Step(PatchBatch batch, BatchShare share, TrainingState run, CancellationToken cancellation)
    {
        var rate = run.Optimizer.RateAt(run.Step);
        var readings = WithinMemory(() =>
        {
            using var rounding = FactorRounding.On(device, stage.Precision);
            using var search = ConvolutionSearch.On(device);
            using var statistics = new RankScope(Ranks);
            var (loss, scores) = stage.Loss(batch, share);
            run.Readings.Add(loss, scores, share.Whole, run.Step, rate);
            var readings = run.Readings.ReadIfDue();
            run.Optimizer.Step(loss, run.Step);
            run.Average?.Update(run.Step);
            return readings;
        });
        run.StepInEpoch++;
        if (Ranks is not null)
        {
            (var scores, run.StopAgreed) = Together(Ranks, readings[0].Scores, share, cancellation.IsCancellationRequested);
            readings = [readings[0] with { Scores = scores }];
        }

        Count(run, readings);
    }

    private static void Count(TrainingState run, StepReading[] readings)
    {
        foreach (var reading in readings)
        {
            run.Meter.Add(reading.Patches, reading.Loss, reading.Rate, reading.Scores);
        }
    }

    /// <summary>The mean scores of the whole batch, and whether any rank is to stop.</summary>
    private static ((string Name, double Value)[] Scores, bool Stop) Together(RankGroup ranks, (string Name, double Value)[] own, BatchShare share, bool stop)
    {
        double[] sums = [stop ? 1 : 0, .. own.Select(score => score.Value * share.Count)];
        ranks.Sum(sums.AsSpan());
        return ([.. own.Zip(sums[1..], (score, sum) => (score.Name, sum / share.Whole))], sums[0] > 0);
    }

    private BatchShare ShareOf(int batch) => BatchShare.Of(Ranks, batch, options.Together);

    private void Save(TrainingState run)
    {
        Count(run, run.Readings.Read());
        if (Writes)
        {
            Checkpoint?.Save(run);
        }
    }

    /// <summary>Throws where the ranks are at other steps, or have other weights.</summary>
    /// <remarks>They would go apart unseen: each computes the step of all by itself.</remarks>
    private void RequireAgreement(TrainingState run)
    {
        if (Ranks is not null)
        {
            RankAgreement.Require(Ranks, new CheckpointFingerprint().Add("Step", run.Meter.Step).Add("Finished", run.Finished).Add("Weights", WeightDigest.Compute(stage.Network)));
        }
    }

    /// <summary>The result of work that may need more memory than the device has.</summary>
    /// <exception cref="TrainingException">It did.</exception>
    private T WithinMemory<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw TrainingException.OutOfMemory(options.BatchSize, patches.Layout.Height, patches.Layout.Width, device, exception);
        }
    }

    /// <summary>The scores of the present weights.</summary>
    /// <exception cref="TrainingException">The device's memory does not suffice.</exception>
    private IReadOnlyList<KeyValuePair<string, double>> Validate()
    {
        try
        {
            return stage.Validate();
        }
        catch (Exception exception) when (exception is InsufficientMemoryException || DeviceMemory.IsExhausted(exception))
        {
            throw TrainingException.OutOfMemoryInValidation(device, exception);
        }
    }

    private void EndEpoch(TrainingState run)
    {
        stage.Network.eval();
        using (run.Average?.PutForAWhile())
        {
            var ended = run.Epoch + 1;
            var scores = ended % options.EpochsPerValidation == 0 || ended == options.Epochs ? Validate() : [];
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
