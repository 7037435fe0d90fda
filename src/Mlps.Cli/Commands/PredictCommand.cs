using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Torch.PseudoMasks;

namespace Mlps.Cli.Commands;

/// <summary><c>predict</c>: masks, overlays and areas of a folder of images.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var images = new Option<DirectoryInfo>("--images") { Description = "The folder of images: PNG, JPEG, BMP or WebP, of any size.", Required = true };
        var output = CommonOptions.Output("predictions");
        var background = new Option<bool>("--mark-background") { Description = "Mark white pixels as background, which the segmenter itself never predicts." };
        var views = CommonOptions.Views();
        var precision = CommonOptions.InPrecision();
        var command = new Command("predict", "Writes palette PNG masks, overlays and the area of each class for a folder of images.") { model, images, views, precision, output, background };
        command.SetAction((parsed, stop) =>
        {
            var ml = Context.Create();
            using var trained = ModelFile.Load(ml, parsed.GetRequiredValue(model).FullName);
            var asked = trained.Segmenter.Segmentation;
            asked = asked with
            {
                Views = parsed.GetValue(views) ?? asked.Views,
                Precision = parsed.GetValue(precision) ?? asked.Precision,
                Background = parsed.GetValue(background) ? new BackgroundOptions() : asked.Background,
            };
            var folder = parsed.GetRequiredValue(output).FullName;
            var found = ImageFolder.Open(parsed.GetRequiredValue(images).FullName, [folder], stop);
            OutputFolder.RequireApart(found, folder, Predictions.Folders);
            var predicted = trained.Transform(found.Load(ml), asked);
            OutputFolder.Mark(folder, "predict", [.. Predictions.Folders, Predictions.AreasName, LeftOutReport.FileName]);
            LeftOutReport.Write(folder, found.Folder, found.Images.Count, found.LeftOut);
            Predictions.Write(predicted, trained.Classes, folder, stop);
            return Task.FromResult(LeftOutReport.SayFaults(found.LeftOut) ? ExitCode.UserError : ExitCode.Success);
        });
        return command;
    }
}
