using System.Globalization;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>Tells the user when a classifier has learnt nothing: its attention has made every feature vanish, or its steps were too small.</summary>
internal static class LossCheck
{
    /// <summary>How near to ln 2, the loss of probabilities of one half, a loss is taken for it.</summary>
    private const double Tolerance = 0.005;

    private static readonly double _lossOfNothing = Math.Log(2);

    public static void Report(IHostEnvironment environment, IReadOnlyList<TrainingProgress> epochs, double learningRate)
    {
        if (epochs is [.., var last] && Math.Abs(last.Loss - _lossOfNothing) < Tolerance)
        {
            environment.Warning(
                "Training",
                string.Create(CultureInfo.InvariantCulture, $"The patch classifier's loss ended at {last.Loss:f4}, which is ln 2: it has learnt nothing. Train with a lower learning rate (it was {learningRate:g3}), more epochs, or start from weights."));
        }
    }
}
