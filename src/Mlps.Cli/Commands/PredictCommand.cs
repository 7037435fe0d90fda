using System.CommandLine;
using Microsoft.ML;
using Mlps.Cli.Output;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Torch.Inference;
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
        var failFast = new Option<bool>("--fail-fast") { Description = "Stop at the first image that fails, instead of predicting the others and naming it in failed.csv." };
        var views = CommonOptions.Views();
        var uncertainty = new Option<UncertaintyKind?>("--uncertainty")
        {
            Description = "Write pictures of how uncertain each pixel is, from 0 to 1: by entropy, of its class probabilities, or by spread, over flips and turns (2 views or more). Without a word after it: as the model was trained with.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var blending = CommonOptions.Blending();
        var precision = CommonOptions.InPrecision();
        var command = new Command("predict", "Writes palette PNG masks, overlays and the area of each class for a folder of images.") { model, images, views, blending, precision, output, background, uncertainty, failFast };
        command.SetAction((parsed, stop) =>
        {
            var ml = Context.Create();
            using var trained = ModelFile.Load(ml, parsed.GetRequiredValue(model).FullName);
            var asked = trained.Segmenter.Segmentation;
            asked = asked with
            {
                Views = parsed.GetValue(views) ?? asked.Views,
                Blending = parsed.GetValue(blending) ?? asked.Blending,
                Precision = parsed.GetValue(precision) ?? asked.Precision,
                Uncertainty = parsed.GetValue(uncertainty) ?? asked.Uncertainty,
                Background = parsed.GetValue(background) ? new BackgroundOptions() : asked.Background,
            };

            // Options that do not go together are refused before anything is written.
            trained.Segmenter.With(asked).Dispose();
            var withUncertainty = parsed.GetResult(uncertainty) is not null;
            var folder = parsed.GetRequiredValue(output).FullName;
            var found = ImageFolder.Open(parsed.GetRequiredValue(images).FullName, [folder], stop);
            OutputFolder.RequireApart(found, folder, Predictions.Folders);
            IDataView Predict(IDataView some) => trained.Transform(some, asked);
            var predictions = new ImagePredictions(ml, found.Load(ml), Predict, () => ModelCheck.Run(ml, Predict), withUncertainty);
            OutputFolder.Mark(folder, "predict", [.. Predictions.Folders, Predictions.AreasName, Predictions.FailedName, LeftOutReport.FileName]);
            LeftOutReport.Write(folder, found.Folder, found.Images.Count, found.LeftOut);
            LeftOutReport.SayFaults(found.LeftOut);
            var failed = new Predictions(trained.Classes, folder, parsed.GetValue(failFast), withUncertainty).Write(predictions, LeftOutReport.Faults(found), stop);
            return Task.FromResult(failed == 0 ? ExitCode.Success : ExitCode.SomeFailed);
        });
        return command;
    }
}
