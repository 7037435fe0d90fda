using System.CommandLine;
using Mlps.ML;
using Mlps.Quickstart.Training;
using Mlps.Torch;
using Mlps.Torch.Networks.Backbones;

namespace Mlps.Quickstart.Commands;

/// <summary><c>train</c>: all three stages on a dataset.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var model = CommonOptions.Model();
        var classifierEpochs = CommonOptions.Count("--classifier-epochs", "Epochs of the patch classifier.");
        var segmenterEpochs = CommonOptions.Count("--segmenter-epochs", "Epochs of the segmenter.");
        var width = new Option<double?>("--width") { Description = "Factor on the patch classifier's channels; 1 is the published ResNet-38. Default: 1 on a GPU, 0.125 on a CPU." };
        var backbone = new Option<BackboneKind?>("--backbone") { Description = "The segmenter's encoder. Default: resnet on a GPU, compact on a CPU." };
        var recipe = new Option<Recipe>("--recipe") { Description = "This library's training (default) or the published code's, slips included (reference)." };
        var batchSize = CommonOptions.Count("--batch-size", "Patches a step, in both stages.");
        var seed = CommonOptions.Seed();
        var output = CommonOptions.Output("training");
        var command = new Command("train", "Trains the three stages on a dataset and writes the model.")
        {
            data, model, classifierEpochs, segmenterEpochs, width, backbone, recipe, batchSize, seed, output,
        };
        command.SetAction((parsed, stop) =>
        {
            var settings = new TrainingSettings
            {
                Seed = parsed.GetValue(seed),
                Recipe = parsed.GetValue(recipe),
                Width = parsed.GetValue(width),
                Backbone = parsed.GetValue(backbone),
                ClassifierEpochs = parsed.GetValue(classifierEpochs),
                SegmenterEpochs = parsed.GetValue(segmenterEpochs),
                BatchSize = parsed.GetValue(batchSize),
            };
            var dataset = TissueDataset.Open(parsed.GetRequiredValue(data).FullName);
            using var run = TrainingRun.Start(dataset, settings, stop);
            run.Save(parsed.GetRequiredValue(model).FullName, parsed.GetRequiredValue(output).FullName);
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
