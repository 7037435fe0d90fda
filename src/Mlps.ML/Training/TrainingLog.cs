using System.Globalization;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>Passes progress on to the user, and the end of each epoch to the context's log too.</summary>
internal sealed class TrainingLog : IProgress<TrainingProgress>
{
    private readonly IHostEnvironment _environment;
    private readonly IProgress<TrainingProgress>? _next;

    private TrainingLog(IHostEnvironment environment, IProgress<TrainingProgress>? next) => (_environment, _next) = (environment, next);

    public static TrainingLog To(IHostEnvironment environment, IProgress<TrainingProgress>? next) => new(environment, next);

    /// <summary>Reports how many patches were read for a stage.</summary>
    public static Action<long, long>? Reading(TrainingStage stage, int epochs, IProgress<TrainingProgress>? progress) => progress is null ? null : (read, count) =>
        progress.Report(new TrainingProgress
        {
            Stage = stage,
            Reading = true,
            Epoch = 0,
            Epochs = epochs,
            Step = read,
            Steps = count,
            Loss = double.NaN,
            LearningRate = 0,
            PatchesPerSecond = 0,
            Remaining = TimeSpan.Zero,
        });

    public void Report(TrainingProgress value)
    {
        _next?.Report(value);
        if (value.EpochEnded)
        {
            var scores = string.Concat(value.Scores.Select(score => string.Create(CultureInfo.InvariantCulture, $", {score.Key} {score.Value:f4}")));
            _environment.Info(
                value.Stage.ToString(),
                string.Create(CultureInfo.InvariantCulture, $"Epoch {value.Epoch} of {value.Epochs}: loss {value.Loss:f4}, {value.PatchesPerSecond:f1} patches/s{scores}"));
        }
    }
}
