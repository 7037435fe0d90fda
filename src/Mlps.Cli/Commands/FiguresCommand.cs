using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Training;

namespace Mlps.Cli.Commands;

/// <summary><c>figures</c>: the pictures of docs/method.md.</summary>
/// <remarks>Not among the commands that help lists.</remarks>
internal static class FiguresCommand
{
    public static Command Create()
    {
        var output = CommonOptions.Output("figures");
        var seed = CommonOptions.Seed();
        var command = new Command("figures", "Trains the demonstration and draws the figures of docs/method.md.") { seed, output };
        command.Hidden = true;
        command.SetAction((parsed, stop) =>
        {
            using var tissue = new TemporaryTissue(parsed.GetValue(seed), stop);
            var dataset = tissue.Open();
            using var run = Demonstration.Train(dataset, parsed.GetValue(seed), stop);
            MethodFigures.Save(Context.Create(), dataset, TrainedModel.FromChain(run.Model)!, parsed.GetRequiredValue(output).FullName);
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
