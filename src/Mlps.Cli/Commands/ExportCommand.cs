using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Torch.Weights;

namespace Mlps.Cli.Commands;

/// <summary><c>export</c>: the weights of a model's two networks as safetensors, by the published names, or the whole model as an ONNX graph.</summary>
internal static class ExportCommand
{
    private const string ClassifierName = "classifier.safetensors";
    private const string SegmenterName = "segmenter.safetensors";
    private const string OnnxName = "model.onnx";

    public static Command Create()
    {
        var model = CommonOptions.Model();
        var format = new Option<ExportFormat>("--format") { Description = "safetensors: the weights of both networks, by the published names. onnx: classifier, gate and segmenter as one graph." };
        var output = new Option<FileInfo?>("--output") { Description = $"The folder of the weights, or the ONNX file. Default: weights, or {OnnxName}." };
        var size = new Option<string?>("--size") { Description = "Height and width of the ONNX graph's images in pixels, as in 224x224. Default: the patches that the model was trained on." };
        var dynamic = new Option<bool>("--dynamic") { Description = "The ONNX graph takes any number of images of any size; ML.NET needs one size." };
        var input = new Option<OnnxInput>("--input") { Description = "What the ONNX graph's images are made of, from 0 to 255: floats (of 32 bits) or bytes." };
        var uncertainty = new Option<bool>("--uncertainty") { Description = "The ONNX graph computes the uncertainty of each pixel, too." };
        var int8 = new Option<bool>("--int8") { Description = "The ONNX graph computes in 8 bits: a quarter of the size, faster, and masks differ in some pixels. Needs --calibration." };
        var calibration = new Option<DirectoryInfo?>("--calibration") { Description = "A folder of images of the kind that the model was trained on, such as the dataset's train; up to 64 of them show --int8 what its bits must stand for." };
        Option[] ofOnnx = [size, dynamic, input, uncertainty, int8, calibration];
        var command = new Command("export", "Writes a model's weights as safetensors, or the whole model as ONNX.") { model, format, output, size, dynamic, input, uncertainty, int8, calibration };
        command.Validators.Add(result =>
        {
            if (result.GetValue(format) is ExportFormat.Safetensors && ofOnnx.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } given)
            {
                result.AddError($"{given.Name} is for --format onnx; give that too.");
            }
            else if (result.GetValue(int8) != result.GetResult(calibration) is not null)
            {
                result.AddError("--int8 and --calibration go together: give a folder of images of the kind that the model was trained on, as in --int8 --calibration DIR/train.");
            }
        });
        command.SetAction((parsed, stop) =>
        {
            var ml = Context.Create();
            using var trained = ModelFile.Load(ml, parsed.GetRequiredValue(model).FullName);
            // As the user wrote it.
            var target = parsed.GetValue(output)?.ToString();
            if (parsed.GetValue(format) is ExportFormat.Onnx)
            {
                var (height, width) = ReadSize(parsed.GetValue(size));
                var options = new OnnxExportOptions
                {
                    Height = height,
                    Width = width,
                    Dynamic = parsed.GetValue(dynamic),
                    Input = parsed.GetValue(input),
                    Uncertainty = parsed.GetValue(uncertainty),
                    CalibrationImages = parsed.GetValue(calibration) is { } folder ? TissueDataset.LoadImages(ml, $"{folder}") : null,
                };
                WriteOnnx(ml, trained, target ?? OnnxName, options);
            }
            else
            {
                WriteWeights(trained, target ?? "weights");
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static void WriteOnnx(MLContext ml, TrainedModel trained, string path, OnnxExportOptions options)
    {
        ml.TissueSegmentation.ExportOnnx(trained.Chain, path, options);
        Say.WrittenAsGiven(path);
        if (trained.Segmenter.Segmentation is { Views: > 1 } or { Background: not null })
        {
            Say.Warning("the graph computes one view of an image and marks no background, though the model was trained to be used with them; Mlps.Onnx does both.");
        }

        var patch = trained.Segmenter.Segmenter.PatchSize;
        if (trained.Segmenter.Segmentation.Gate is GateMode.Windows && (options.Dynamic || (options.Height ?? patch.Height, options.Width ?? patch.Width) != patch))
        {
            Say.Warning($"the graph gates an image as a whole, where the library and Mlps.Onnx gate it in windows of {patch.Width} x {patch.Height} pixels: masks of larger images differ.");
        }
    }

    private static void WriteWeights(TrainedModel trained, string folder)
    {
        OutputFolder.Mark(folder, "export", [ClassifierName, SegmenterName]);
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["classes"] = string.Join(", ", trained.Classes.Names) };
        foreach (var classifier in trained.Stages.OfType<PatchClassifierTransformer>())
        {
            Write(Path.Combine(folder, ClassifierName), classifier.Classifier.Network, metadata);
        }

        Write(Path.Combine(folder, SegmenterName), trained.Segmenter.Segmenter.Network, metadata);
    }

    /// <summary>Height and width of text such as 224x224.</summary>
    /// <exception cref="ArgumentException">It is no size.</exception>
    private static (int? Height, int? Width) ReadSize(string? text)
    {
        if (text is null)
        {
            return (null, null);
        }

        var parts = text.Split('x', 'X');
        return parts.Length == 2 && TryRead(parts[0], out var height) && TryRead(parts[1], out var width)
            ? (height, width)
            : throw new ArgumentException($"--size is '{text}'; give height and width in pixels, as in 224x224.");

        static bool TryRead(string part, out int pixels) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out pixels) && pixels > 0;
    }

    private static void Write(string path, TorchSharp.torch.nn.Module network, Dictionary<string, string> metadata)
    {
        network.SaveWeights(path, metadata);
        Say.WrittenAsGiven(path);
    }
}
