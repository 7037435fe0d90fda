using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Training;
using Mlps.ML;

namespace Mlps.Cli.Commands;

/// <summary>No command: synthetic tissue, all three stages, test scores and pictures, in minutes on two cores.</summary>
internal static class DemoCommand
{
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

    private static void Run(int seed, bool shuffleLabels, string output, CancellationToken stop)
    {
        using var tissue = new TemporaryTissue(seed, stop);
        if (shuffleLabels)
        {
            ShuffledLabels.Apply(tissue.Folder, seed);
        }

        var dataset = tissue.Open();
        using var run = Demonstration.Train(dataset, seed, stop);
        OutputFolder.Mark(output, "the demonstration", [.. Evaluation.Names, "model.zip"]);
        run.Save(Path.Combine(output, "model.zip"), output);
        var ml = Context.Create();
        var trained = TrainedModel.FromChain(run.Model)!;
        Evaluation.Run(ml, dataset, DatasetSplit.Test, "test", trained, trained.Segmenter.Segmentation, output, stop);
    }
}
