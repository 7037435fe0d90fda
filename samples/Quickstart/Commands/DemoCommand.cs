using System.CommandLine;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Quickstart.Output;
using Mlps.Quickstart.Terminal;
using Mlps.Quickstart.Training;
using Mlps.Torch.Networks.Backbones;

namespace Mlps.Quickstart.Commands;

/// <summary>No command: synthetic tissue, all three stages, test scores and pictures, in minutes on two cores.</summary>
internal static class DemoCommand
{
    private const double Width = 0.0625;
    private const double SegmenterWidth = 0.5;
    private const int ClassifierEpochs = 16;
    private const int SegmenterEpochs = 8;
    private const double ClassifierRate = 0.02;

    public static void AddTo(RootCommand root)
    {
        var seed = CommonOptions.Seed();
        var output = CommonOptions.Output("quickstart-output");
        var shuffle = new Option<bool>("--shuffle-labels") { Description = "Deal the patch labels out at random: nothing can be learnt, and the scores must show it." };
        root.Add(seed);
        root.Add(shuffle);
        root.Add(output);
        root.SetAction((parsed, stop) =>
        {
            Run(parsed.GetValue(seed), parsed.GetValue(shuffle), parsed.GetRequiredValue(output).FullName, stop);
            return Task.FromResult(ExitCode.Success);
        });
    }

    private static void Draw(string folder, SyntheticTissueOptions options, CancellationToken stop)
    {
        var count = options.TrainPatches + options.ValidationPatches + options.TestPatches;
        WorkDisplay.Run("Drawing synthetic tissue", count, step =>
        {
            SyntheticTissue.Write(folder, options, new StepProgress<SyntheticTissueProgress>(step), stop);
            return true;
        });
    }

    private static void Run(int seed, bool shuffleLabels, string output, CancellationToken stop)
    {
        var data = Path.Combine(Directory.CreateTempSubdirectory("mlps-").FullName, "SyntheticTissue");
        try
        {
            Draw(data, new SyntheticTissueOptions { Seed = seed }, stop);
            if (shuffleLabels)
            {
                ShuffledLabels.Apply(data, seed);
            }

            var dataset = TissueDataset.Open(data);
            var settings = new TrainingSettings
            {
                Seed = seed,
                Width = Width,
                Backbone = BackboneKind.Compact,
                SegmenterWidth = SegmenterWidth,
                ClassifierEpochs = ClassifierEpochs,
                SegmenterEpochs = SegmenterEpochs,
                ClassifierRate = ClassifierRate,
            };
            using var run = TrainingRun.Start(dataset, DamagedImages.Fail, settings, stop);
            run.Save(Path.Combine(output, "model.zip"), output);
            var ml = Context.Create();
            var trained = TrainedModel.Of(run.Model)!;
            Evaluation.Run(ml, dataset, DatasetSplit.Test, "test", trained, trained.Segmenter.Segmentation, output, stop);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
        }
    }
}
