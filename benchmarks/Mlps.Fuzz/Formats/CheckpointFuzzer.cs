using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mlps.Fuzz.Damage;
using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Tests.Weights.Fuzzing;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using static TorchSharp.torch;

namespace Mlps.Fuzz.Formats;

/// <summary>Checkpoints of a small segmenter: damaged as bytes, or in header and values with the sum repaired.</summary>
/// <remarks>A checkpoint whose sum was not repaired is taken up exactly, or is refused. From one whose sum was repaired the training goes on, or is refused.</remarks>
internal sealed class CheckpointFuzzer : IFormatFuzzer
{
    private const int StopAfter = 3;
    private const string Metadata = "__metadata__";
    private const string Run1 = "mlps.training";

    private static readonly SegmenterTrainingOptions _options = new() { Epochs = 2, BatchSize = 2, Seed = 5, Quirks = new() { KeepShortBatch = true } };

    private readonly int _seed;
    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(4);
    private readonly DeepLabV3Plus _network = new(TwoTissues.ClassCount, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 1.0 / 32 }, 1);
    private readonly byte[][] _sound;

    public CheckpointFuzzer(int seed)
    {
        _seed = seed;
        using var stop = new CancellationTokenSource();
        try
        {
            Train(new Stopper(stop), stop.Token);
        }
        catch (OperationCanceledException)
        {
            // As meant: the file holds the third of four steps, in the second epoch, and the best weights of the first.
        }

        var stopped = File.ReadAllBytes(FilePath);
        Train(null, CancellationToken.None);
        _sound = [stopped, File.ReadAllBytes(FilePath)];
    }

    private string FilePath => _folder.Combine("run.checkpoint");

    public void WarmUp()
    {
        foreach (var file in _sound)
        {
            if (!TakeUp(file, "the sound file") || !GoOn(file, "the sound file"))
            {
                throw new InvalidOperationException("The sound checkpoint is refused.");
            }
        }
    }

    public FuzzCase Run(int number)
    {
        var random = FuzzFormats.RandomOf(_seed, number);
        var original = _sound[number / 2 % _sound.Length];
        if (number % 2 == 0)
        {
            var changed = Mutation.Apply(random, original, _sound[random.Next(_sound.Length)]);
            var what = $"checkpoint of {changed.Length} bytes, bytes changed";
            return new(TakeUp(changed, what), changed.Length, what);
        }

        var file = SafetensorsDamage.Apply(random, original, SHA256.HashSizeInBytes, header => State(random, header));
        file.AsSpan(^SHA256.HashSizeInBytes..).Clear();
        SHA256.HashData(file).CopyTo(file.AsSpan(^SHA256.HashSizeInBytes..));
        var description = $"checkpoint of {file.Length} bytes, sum repaired";
        return new(GoOn(file, description), file.Length, description);
    }

    public void Dispose()
    {
        _network.Dispose();
        _patches.Dispose();
        _folder.Dispose();
    }

    /// <summary>Takes up the run, and writes it again: the same bytes, or the file was read wrongly.</summary>
    private bool TakeUp(byte[] file, string description)
    {
        File.WriteAllBytes(FilePath, file);
        return Attempt(description, () =>
        {
            ITrainedStage stage = Trainer();
            using var best = new BestWeights();
            using var optimizer = stage.PrepareOptimizer(StepsPerEpoch);
            using var readings = new StepReadings(every: 1);
            var run = new TrainingState(_network, optimizer, best, new EpochMeter(stage.Stage, _options.Epochs, _options.Epochs * StepsPerEpoch, null)) { Epochs = _options.Epochs, StepsPerEpoch = StepsPerEpoch, Patience = _options.Patience, Readings = readings };
            Checkpoint().Restore(run);
            Checkpoint().Save(run);
            if (!_sound.Any(sound => File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(sound)))
            {
                throw new FuzzFailureException($"{description}: it is taken up, and is another run.", null);
            }
        });
    }

    private bool GoOn(byte[] file, string description)
    {
        File.WriteAllBytes(FilePath, file);
        return Attempt(description, () => Train(null, CancellationToken.None));
    }

    private bool Attempt(string description, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (TrainingException exception)
        {
            // A loss that is no number, after values beyond all measure, is said without the file's name.
            return Refusals.Check(exception, exception.Message.Contains(FilePath, StringComparison.Ordinal) ? FilePath : "loss", description);
        }
        catch (Exception exception) when (exception is not FuzzFailureException)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} instead of {nameof(TrainingException)}.", exception);
        }
    }

    private int StepsPerEpoch => _patches.Count / _options.BatchSize;

    private SegmenterTrainer Trainer() => new(_network, _patches, _options, Normalization.None, CPU) { Checkpoint = Checkpoint(), Validate = _ => [new("meanIoU", 0.5)] };

    private TrainingCheckpoint Checkpoint() => new(FilePath, new CheckpointFingerprint().Add("run", "same"), TimeSpan.FromHours(1));

    private void Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation) => Trainer().Train(progress, cancellation);

    /// <summary>Damages where the run is, which is JSON within the header's JSON.</summary>
    private static byte[] State(Random random, byte[] header)
    {
        var json = JsonNode.Parse(header)!;
        var state = json[Metadata]![Run1]!.GetValue<string>();
        json[Metadata]![Run1] = Encoding.UTF8.GetString(JsonDamage.Apply(random, Encoding.UTF8.GetBytes(state)));
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == StopAfter)
            {
                stop.Cancel();
            }
        }
    }
}
