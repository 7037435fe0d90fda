using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Training;
using Mlps.ML;

namespace Mlps.Cli.Commands;

/// <summary><c>evaluate</c>: scores a model on a split with masks.</summary>
internal static class EvaluateCommand
{
    private static readonly Dictionary<string, DatasetSplit> Splits = new(StringComparer.OrdinalIgnoreCase) { ["val"] = DatasetSplit.Validation, ["test"] = DatasetSplit.Test };

    public static Command Create()
    {
        var data = CommonOptions.Data();
        var model = CommonOptions.Model();
        var split = new Option<string>("--split") { Description = "val or test.", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong([.. Splits.Keys]);
        var views = CommonOptions.Views();
        var blending = CommonOptions.Blending();
        var precision = CommonOptions.InPrecision();
        var skip = new Option<bool>("--skip-damaged") { Description = "Score without the images and masks that cannot be read, and say so in metrics.json, instead of stopping." };
        var output = CommonOptions.Output("evaluation");
        var command = new Command("evaluate", "Scores a model on a split with masks, and without its gate too where it has one.") { data, model, split, views, blending, precision, output, skip };
        command.SetAction((parsed, stop) =>
        {
            var ml = Context.Create();
            var dataset = TissueDataset.Open(parsed.GetRequiredValue(data).FullName);
            using var trained = ModelFile.Load(ml, parsed.GetRequiredValue(model).FullName);
            var name = parsed.GetRequiredValue(split);
            var asked = trained.Segmenter.Segmentation;
            asked = asked with { Views = parsed.GetValue(views) ?? asked.Views, Blending = parsed.GetValue(blending) ?? asked.Blending, Precision = parsed.GetValue(precision) ?? asked.Precision };
            dataset.Report(Splits[name], stop);
            var folder = parsed.GetRequiredValue(output).FullName;
            OutputFolder.Mark(folder, "evaluate", [.. Evaluation.Names, LeftOutReport.FileName]);
            LeftOutReport.Write(folder, dataset, [Splits[name]]);
            Evaluation.Run(ml, dataset, Splits[name], name, trained, asked, folder, stop, parsed.GetValue(skip));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
