using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlps.Torch.Runtime;
using Mlps.Torch.Serialization;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Formats;
using static TorchSharp.torch;

namespace Mlps.Torch.Training.Checkpoints;

/// <summary>A file that holds everything a run needs to go on after it was stopped, however that happened.</summary>
/// <remarks>
/// A safetensors file: the network's weights, the best ones, their average, momentum, and in its metadata where the run is. It is written beside the old one and takes its name once it
/// is whole.
/// </remarks>
internal sealed class TrainingCheckpoint
{
    private const string StateKey = "mlps.training";
    private const string Last = "last/";
    private const string Best = "best/";
    private const string Momentum = "momentum/";
    private const string Average = "average/";

    /// <summary>How <see cref="CheckpointContent"/> is written.</summary>
    internal static readonly JsonSerializerOptions Json =
        JsonContracts.Complete(new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals }, enumNames: false);

    private readonly string _path;
    private readonly CheckpointFingerprint _fingerprint;
    private readonly TimeSpan _interval;
    private readonly Stopwatch _sinceSaved = Stopwatch.StartNew();

    /// <param name="path">The file; its folder is made where it is not there.</param>
    /// <param name="fingerprint">What the run is made of.</param>
    /// <param name="interval">Time between checkpoints within an epoch.</param>
    public TrainingCheckpoint(string path, CheckpointFingerprint fingerprint, TimeSpan interval) =>
        (_path, _fingerprint, _interval) = (Path.GetFullPath(path), fingerprint, interval);

    /// <summary>Takes up the run in the file, if there is one.</summary>
    /// <remarks>Finds out whether the folder can be written to, before hours of work depend on it.</remarks>
    /// <exception cref="TrainingException">The file is of another run, or cannot be read; or nothing can be written to its folder.</exception>
    /// <param name="run">Where it is put.</param>
    /// <param name="writes">Whether this process will write the file, and not another rank.</param>
    public void Restore(TrainingState run, bool writes = true)
    {
        if (writes)
        {
            Writing(PrepareFolder);
        }

        if (!File.Exists(_path))
        {
            return;
        }

        try
        {
            using var file = WeightFile.Open(_path);
            var content = ReadContent(file);
            if ((content.Version > 1 || file.Contains(CheckpointSum.Name)) && !CheckpointSum.IsRight(_path))
            {
                throw new JsonException("its checksum is wrong; the file was damaged or changed.");
            }

            if (_fingerprint.DifferenceFrom(content.Fingerprint) is { } difference)
            {
                throw new TrainingException($"The checkpoint '{_path}' is of another run: {ShortText.OfMessage(difference)}. Give another folder, delete the file, or go back to what it was trained with.");
            }

            content.Check(run.Epochs, run.StepsPerEpoch, run.Patience);
            RequireTensors(file, run, content);
            RestoreTensors(file, run, content);
            (run.Epoch, run.StepInEpoch, run.EpochsSinceBest, run.Finished) = (content.Epoch, content.StepInEpoch, content.EpochsSinceBest, content.Finished);
            run.Meter.Restore(content.Meter);
        }
        catch (Exception exception) when (exception is WeightFileException or JsonException or KeyNotFoundException or ArgumentException)
        {
            throw new TrainingException($"The checkpoint '{_path}' cannot be read: {ShortText.OfMessage(exception.Message)} Delete it to train from the start.", exception);
        }
    }

    /// <summary>Whether the last time is long enough ago.</summary>
    public bool IsDue => _sinceSaved.Elapsed >= _interval;

    /// <summary>Writes the file; what the steps gave must have been read.</summary>
    /// <exception cref="TrainingException">It cannot be written; the old one is as it was.</exception>
    public void Save(TrainingState run)
    {
        using var scope = NewDisposeScope();
        var content = new CheckpointContent
        {
            Version = CheckpointContent.CurrentVersion,
            Fingerprint = _fingerprint.Values,
            Epoch = run.Epoch,
            StepInEpoch = run.StepInEpoch,
            EpochsSinceBest = run.EpochsSinceBest,
            Finished = run.Finished,
            BestScore = run.Best.Weights.Count == 0 ? null : run.Best.Score,
            Meter = run.Meter.Snapshot(),
            MomentumBuffers = run.Optimizer.Momentum.Count(),
        };
        var tensors = run.Network.state_dict().Select(weight => (Last + weight.Key, weight.Value))
            .Concat(run.Best.Weights.Select(weight => (Best + weight.Key, weight.Value)))
            .Concat(run.Average?.Weights.Select(weight => (Average + weight.Key, weight.Value)) ?? [])
            .Concat(run.Optimizer.Momentum.Select(buffer => ($"{Momentum}{buffer.Index}", buffer.Value)));
        Writing(() => CheckpointSum.Write(_path, tensors, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(content, JsonContracts.Get<CheckpointContent>(Json)) }));
        _sinceSaved.Restart();
    }

    /// <summary>Makes the folder, removes what a killed run left half-written there, and tries to write.</summary>
    private void PrepareFolder()
    {
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(_path)!).FullName;
        foreach (var unfinished in TemporaryName.LeftBy(_path).Concat(Directory.GetFiles(folder, $"{Path.GetFileName(_path)}.*.tmp")))
        {
            File.Delete(unfinished);
        }

        File.Create(TemporaryName.Beside(_path), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
    }

    private void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException(
                $"The checkpoint '{_path}' cannot be written: {exception.Message} Make room or give another folder; the same run goes on from the last checkpoint.", exception);
        }
    }

    private static CheckpointContent ReadContent(WeightFile file)
    {
        var content = file.Metadata.TryGetValue(StateKey, out var text) ? JsonSerializer.Deserialize(text, JsonContracts.Get<CheckpointContent>(Json)) : null;
        return content is null ? throw new JsonException("it is no checkpoint of a training run.")
            : content.Version is >= 1 and <= CheckpointContent.CurrentVersion ? content
            : throw new JsonException($"it has layout {content.Version}, and this library reads 1 to {CheckpointContent.CurrentVersion}.");
    }

    /// <summary>Throws unless the file holds the run's tensors and no others, by name, shape and type, and all of their values are finite.</summary>
    private static void RequireTensors(WeightFile file, TrainingState run, CheckpointContent content)
    {
        using var state = ComputeScope.ForWeights();
        var expected = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, weight) in run.Network.state_dict())
        {
            expected.Add(Last + name, weight);
            if (content.BestScore is not null)
            {
                expected.Add(Best + name, weight);
            }

            if (run.Average is { } average)
            {
                expected.Add(Average + name, average.Weights[name]);
            }
        }

        string[] momentum = [.. file.Entries.Select(entry => entry.Name).Where(name => name.StartsWith(Momentum, StringComparison.Ordinal))];
        if (content.MomentumBuffers is { } buffers && buffers != momentum.Length)
        {
            throw new ArgumentException($"It has {momentum.Length} tensors of momentum where {buffers} were written.");
        }

        for (var place = 0; place < run.Optimizer.Parameters.Count; place++)
        {
            var name = $"{Momentum}{place}";
            if (run.Optimizer.HasMomentum && file.Contains(name))
            {
                expected.Add(name, run.Optimizer.Parameters[place]);
            }
        }

        foreach (var entry in file.Entries.Where(entry => entry.Name != CheckpointSum.Name))
        {
            if (!expected.Remove(entry.Name, out var tensor) || !entry.Shape.SequenceEqual(tensor.shape) || entry.DType != tensor.dtype)
            {
                throw new ArgumentException($"The tensor '{ShortText.Of(entry.Name)}' is none of the run's, or has another shape or type.");
            }
        }

        if (expected.Count > 0)
        {
            throw new ArgumentException($"The tensor '{expected.Keys.First()}' is missing.");
        }

        FiniteValues.Require(file);
    }

    private static void RestoreTensors(WeightFile file, TrainingState run, CheckpointContent content)
    {
        using var state = ComputeScope.ForWeights();
        foreach (var (name, weight) in run.Network.state_dict())
        {
            file.Load(Last + name, weight);
        }

        if (content.BestScore is { } score)
        {
            run.Best.Restore(score, run.Network.state_dict().Keys.ToDictionary(name => name, name => file.Load(Best + name)));
        }

        if (run.Average is { } average)
        {
            foreach (var (name, weight) in average.Weights)
            {
                file.Load(Average + name, weight);
            }
        }

        run.Optimizer.RestoreMomentum(index => file.Contains($"{Momentum}{index}") ? file.Load($"{Momentum}{index}") : null);
    }
}
