using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Data;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>The steps that the trainings of both stages share.</summary>
/// <param name="environment">Its seed, its device, its log.</param>
/// <param name="classes">The tissues.</param>
/// <param name="stage">Which stage is trained.</param>
/// <param name="options">Validation, checkpoints, logs, progress and cancellation.</param>
internal sealed class StageTraining(IHostEnvironment environment, TissueClasses classes, TrainingStage stage, TrainingRunOptions options)
{
    /// <summary>Where the network trains.</summary>
    public Device Device { get; } = TorchDevice.Choose(environment);

    /// <summary>Checks that a table has the columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static void Check(IHostEnvironment environment, IDataView input, IEnumerable<InputColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(input);
        foreach (var column in columns)
        {
            column.Check(environment, input.Schema);
        }
    }

    /// <summary>With ranks, checks that all have a value of an option that decides what they exchange, and that is no part of what a checkpoint is made of.</summary>
    /// <exception cref="TrainingException">They do not; it is thrown on all.</exception>
    public void RequireAgreement(string option, object value)
    {
        if (options.Ranks is { } ranks)
        {
            RankAgreement.Require(ranks, new CheckpointFingerprint().Add("Stage", stage.ToString()).Add(option, value));
        }
    }

    /// <summary>The rows of a table that this process reads where earlier stages compute its columns: with ranks, its part of them.</summary>
    /// <param name="input">The training table.</param>
    /// <param name="columns">What is read of it; those that it lacks are left out.</param>
    public IDataView OwnRows(IDataView input, IEnumerable<string> columns)
    {
        if (options.Ranks is not { Count: > 1 } ranks)
        {
            return input;
        }

        // Ranks at different places would exchange different things.
        RankAgreement.Require(ranks, new CheckpointFingerprint().Add("Stage", stage.ToString()).Add("Classes", classes.Names).Add("ValidationFraction", options.ValidationFraction));
        return RankRows.Of(environment, input, ranks, [.. columns.Where(name => input.Schema.GetColumnOrNull(name) is not null)]);
    }

    /// <summary>Reads the table's patches once, those that are held out apart.</summary>
    /// <param name="input">The training table.</param>
    /// <param name="reader">Reads its columns.</param>
    /// <param name="batchSize">Patches a step; more than there are is reported.</param>
    /// <param name="epochs">Epochs that will follow, for the progress.</param>
    /// <param name="gateColumn">The gate's column, or null.</param>
    /// <param name="ofOwnRows">Whether the reader has <see cref="OwnRows"/> of the table.</param>
    /// <exception cref="TissueDataException">The table has no rows, or rows that do not fit.</exception>
    public TrainingPatches Read(IDataView input, PatchStoreReader reader, int batchSize, int epochs, string? gateColumn = null, bool ofOwnRows = false)
    {
        var read = reader.Read(
            SourceSplit.Draw(environment, input, options.ValidationFraction), gateColumn, options.CancellationToken, TrainingLog.Reading(stage, epochs, options.Progress), ofOwnRows && options.Ranks is { Count: > 1 } ranks ? ranks : null);
        BatchSizeCheck.Report(environment, batchSize, read.Training.Count);
        return read;
    }

    /// <summary>Trains a network on patches, and makes the result of it.</summary>
    /// <remarks>The network is freed when that fails.</remarks>
    /// <param name="network">Starts with its weights; belongs to the result.</param>
    /// <param name="patches">What it learns from.</param>
    /// <param name="seed">The run's seed, for the record.</param>
    /// <param name="fingerprint">What the run is made of, given the digest of the patches.</param>
    /// <param name="train">Trains; gets the run and the record that is kept once training has ended.</param>
    public T Train<T>(nn.Module network, PatchStore patches, int seed, Func<string, CheckpointFingerprint> fingerprint, Func<StageRun, Func<TrainingRecord>, T> train)
    {
        ThreadCheck.Report(environment);
        try
        {
            using (ComputeScope.ForWeights())
            {
                network.to(Device);
            }

            var data = patches.Digest();
            var madeOf = fingerprint(data);
            if (options.Ranks is { } ranks)
            {
                RankAgreement.Require(ranks, madeOf);
            }

            using var run = new StageRun(environment, stage is TrainingStage.PatchClassifier ? "patch-classifier" : "segmenter", options, madeOf);
            return train(run, () => run.Record(classes, seed, data, Device));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
