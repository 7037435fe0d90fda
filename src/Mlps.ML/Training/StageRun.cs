using Microsoft.ML.Runtime;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>A training of one stage: who is told of it, where it is kept, and what is recorded of it.</summary>
internal sealed class StageRun : IProgress<TrainingProgress>, IDisposable
{
    private readonly List<IProgress<TrainingProgress>> _listeners = [];
    private readonly List<TrainingProgress> _epochs = [];
    private readonly CheckpointFingerprint _fingerprint;
    private readonly JsonLinesLog? _lines;

    /// <param name="environment">Whose log is told of each epoch.</param>
    /// <param name="name">The stage's name in files.</param>
    /// <param name="options">Where checkpoints and logs go, and the user's own listener.</param>
    /// <param name="fingerprint">What the run is made of.</param>
    public StageRun(IHostEnvironment environment, string name, TrainingRunOptions options, CheckpointFingerprint fingerprint)
    {
        _fingerprint = fingerprint;
        _listeners.Add(TrainingLog.To(environment, options.Progress));
        if (options.CheckpointDirectory is { } checkpoints)
        {
            Checkpoint = new TrainingCheckpoint(Path.Combine(checkpoints, name + ".checkpoint"), fingerprint, options.CheckpointInterval);
        }

        if (options.LogDirectory is { } logs && options.Writes)
        {
            _lines = new JsonLinesLog(environment, Path.Combine(logs, name + ".jsonl"));
            Board = new TensorBoardLog(environment, Path.Combine(logs, name));
            _listeners.AddRange([_lines, Board]);
        }
    }

    /// <summary>Where the run is kept; null to keep nothing.</summary>
    public TrainingCheckpoint? Checkpoint { get; }

    /// <summary>TensorBoard's events; null where none were requested.</summary>
    public TensorBoardLog? Board { get; }

    /// <summary>The reports of the epochs that have ended, those before a checkpoint included.</summary>
    public IReadOnlyList<TrainingProgress> Epochs => _epochs;

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            _epochs.Add(value);
        }

        foreach (var listener in _listeners)
        {
            listener.Report(value);
        }
    }

    /// <summary>What is kept with the model.</summary>
    public TrainingRecord Record(TissueClasses classes, int seed, string dataDigest, Device device) => new()
    {
        Options = _fingerprint.Values,
        Seed = seed,
        DataDigest = dataDigest,
        Classes = classes.Names,
        Versions = Versions.On(device),
        Epochs = _epochs,
    };

    public void Dispose()
    {
        _lines?.Dispose();
        FreedMemory.TrimAll();
    }
}
