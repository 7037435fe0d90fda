using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training.Checkpoints;

/// <summary>Short trainings of both stages that keep a checkpoint, and may be stopped.</summary>
public abstract class CheckpointedTraining : IDisposable
{
    private protected static readonly PatchClassifierTrainingOptions ClassifierOptions = new() { Epochs = 3, BatchSize = 6, Seed = 5, Attention = new() { FirstEpoch = 1 } };
    private protected static readonly SegmenterTrainingOptions SegmenterOptions = new() { Epochs = 3, BatchSize = 6, Seed = 5, Quirks = new() { KeepShortBatch = true } };

    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(32);

    private protected string FilePath => Path.Combine(_folder.Path, "checkpoints", "run.checkpoint");

    public void Dispose()
    {
        _patches.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected TrainingCheckpoint Checkpoint(string name = "run", object? options = null) =>
        new(FilePath, new CheckpointFingerprint().Add(name, options ?? "same"), TimeSpan.FromHours(1));

    private protected Dictionary<string, string> TrainClassifier(
        TrainingCheckpoint? checkpoint, ProgressList? progress = null, int? stopAfter = null, PatchClassifierTrainingOptions? options = null)
    {
        using var network = TwoTissues.Classifier();
        using var stop = new CancellationTokenSource();
        new PatchClassifierTrainer(network, _patches, options ?? ClassifierOptions, Normalization.None, CPU) { Checkpoint = checkpoint }.Train(Stopping(progress, stop, stopAfter), stop.Token);
        return TwoTissues.Weights(network);
    }

    private protected Dictionary<string, string> TrainSegmenter(
        TrainingCheckpoint? checkpoint, ProgressList? progress = null, int? stopAfter = null, Func<double>? score = null, SegmenterTrainingOptions? options = null)
    {
        using var network = TwoTissues.Segmenter();
        using var stop = new CancellationTokenSource();
        Trainer(network, checkpoint, options ?? SegmenterOptions, score).Train(Stopping(progress, stop, stopAfter), stop.Token);
        return TwoTissues.Weights(network);
    }

    private protected SegmenterTrainer Trainer(DeepLabV3Plus network, TrainingCheckpoint? checkpoint, SegmenterTrainingOptions options, Func<double>? score) =>
        new(network, _patches, options, Normalization.None, CPU)
        {
            Checkpoint = checkpoint,
            Validate = score is null ? null : _ => [new("meanIoU", score())],
        };

    private static ProgressList Stopping(ProgressList? progress, CancellationTokenSource stop, int? stopAfter) => new(report =>
    {
        progress?.Report(report);
        if (report.Step == stopAfter)
        {
            stop.Cancel();
        }
    });
}
