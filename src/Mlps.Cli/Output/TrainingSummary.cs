using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>Says how a model came about.</summary>
internal static class TrainingSummary
{
    private static readonly string[] _shown =
        ["Recipe", "Width", "Architecture.Backbone", "Architecture.Width", "Training.Epochs", "Training.BatchSize", "Training.Optimizer.LearningRate", "Training.Loss"];

    public static void Show(TrainedModel model)
    {
        foreach (var classifier in model.Stages.OfType<PatchClassifierTransformer>())
        {
            Line("Patch classifier", classifier.Training);
        }

        Line("Segmenter", model.Segmenter.Training);
    }

    private static void Line(string stage, TrainingRecord record)
    {
        var options = _shown.Where(record.Options.ContainsKey).Select(name => $"{name[(name.LastIndexOf('.') + 1)..]} {record.Options[name]}");
        var last = record.Epochs.Count == 0 ? string.Empty : $", last loss {record.Epochs[^1].Loss:f4}";
        Say.Line($"{stage}: {string.Join(", ", options)}; seed {record.Seed}, data {record.DataDigest[..12]}, Mlps {record.Versions["Mlps"]}, TorchSharp {record.Versions["TorchSharp"]} on {record.Versions["Device"]}{last}");
    }
}
