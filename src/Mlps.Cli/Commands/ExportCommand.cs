using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Torch.Weights;

namespace Mlps.Cli.Commands;

/// <summary><c>export</c>: the weights of a model's two networks as safetensors, by the published names.</summary>
internal static class ExportCommand
{
    private const string ClassifierName = "classifier.safetensors";
    private const string SegmenterName = "segmenter.safetensors";

    public static Command Create()
    {
        var model = CommonOptions.Model();
        var output = CommonOptions.Output("weights");
        var command = new Command("export", "Writes the weights of a model's networks as safetensors, by the published names.") { model, output };
        command.SetAction((parsed, stop) =>
        {
            using var trained = ModelFile.Load(Context.Create(), parsed.GetRequiredValue(model).FullName);
            var folder = parsed.GetRequiredValue(output).FullName;
            OutputFolder.Mark(folder, "export", [ClassifierName, SegmenterName]);
            var metadata = new Dictionary<string, string> { ["format"] = "pt", ["classes"] = string.Join(", ", trained.Classes.Names) };
            foreach (var classifier in trained.Stages.OfType<PatchClassifierTransformer>())
            {
                Write(Path.Combine(folder, ClassifierName), classifier.Classifier.Network, metadata);
            }

            Write(Path.Combine(folder, SegmenterName), trained.Segmenter.Segmenter.Network, metadata);
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static void Write(string path, TorchSharp.torch.nn.Module network, Dictionary<string, string> metadata)
    {
        network.SaveWeights(path, metadata);
        Say.Written(path);
    }
}
