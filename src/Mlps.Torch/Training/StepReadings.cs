using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Losses and scores of the last steps, read from the device together, so that not every step waits for it.</summary>
/// <param name="every">Steps that are read at once; at least 1.</param>
internal sealed class StepReadings(int every) : IDisposable
{
    private readonly List<(Tensor Values, string[] Names, int Patches, long Step, double Rate)> _unread = [];

    /// <summary>Steps that are read at once where nothing else is said: on a GPU, a loss that is read makes the host wait for all that it has queued.</summary>
    public static int StepsOn(Device device) => device.type is DeviceType.CPU ? 1 : 8;

    /// <summary>Keeps a step's loss and scores on the device.</summary>
    /// <param name="loss">A scalar.</param>
    /// <param name="scores">Scalars by name.</param>
    /// <param name="patches">Patches of the batch.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="rate">Its learning rate.</param>
    public void Add(Tensor loss, (string Name, Tensor Value)[] scores, int patches, long step, double rate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var values = scores.Length == 0 ? loss.detach() : stack([loss.detach(), .. scores.Select(score => score.Value)]);
        _unread.Add((values.view(-1).DetachFromDisposeScope(), [.. scores.Select(score => score.Name)], patches, step, rate));
    }

    /// <summary>Reads the steps if there are enough of them.</summary>
    /// <exception cref="TrainingException">A loss is not a number.</exception>
    public StepReading[] ReadIfDue() => _unread.Count >= every ? Read() : [];

    /// <summary>Reads all steps since the last time, in their order.</summary>
    /// <exception cref="TrainingException">A loss is not a number; the message names the step at which it became so.</exception>
    public StepReading[] Read()
    {
        if (_unread.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        var together = _unread is [var only] ? only.Values : cat([.. _unread.Select(step => step.Values)]);
        var values = together.to(ScalarType.Float32, CPU).data<float>().ToArray();
        var readings = new StepReading[_unread.Count];
        var first = 0;
        for (var i = 0; i < readings.Length; i++)
        {
            var (_, names, patches, step, rate) = _unread[i];
            var loss = values[first];
            TrainingException.ThrowIfNotFinite(loss, step, rate);
            readings[i] = new(loss, [.. names.Select((name, n) => (name, (double)values[first + 1 + n]))], patches, rate);
            first += 1 + names.Length;
        }

        Clear();
        return readings;
    }

    public void Dispose() => Clear();

    private void Clear()
    {
        _unread.ForEach(step => step.Values.Dispose());
        _unread.Clear();
    }
}

/// <summary>What a step gave.</summary>
/// <param name="Loss">The loss of the batch.</param>
/// <param name="Scores">Means over the batch.</param>
/// <param name="Patches">Patches of the batch.</param>
/// <param name="Rate">Its learning rate.</param>
internal sealed record StepReading(double Loss, (string Name, double Value)[] Scores, int Patches, double Rate);
