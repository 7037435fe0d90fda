// From nothing to a segmented image: draws synthetic tissue, trains the three stages on its patch labels, scores them, and writes pictures and the model.
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

if (args is [var argument, ..])
{
    Console.Error.WriteLine($"The Quickstart takes no arguments, and was given '{argument}'. Commands and options are those of mlps: dotnet run -c Release --project src/Mlps.Cli -- --help");
    return 1;
}

const string Output = "quickstart-output";
Directory.CreateDirectory(Output);

// 600 training patches whose names say which tissues occur in them, and 100 images with masks to validate and test on.
var data = Directory.CreateTempSubdirectory("mlps-quickstart-").FullName;
var folder = Path.Combine(data, "SyntheticTissue");
SyntheticTissue.Write(folder, new SyntheticTissueOptions { Seed = 1 });
var dataset = TissueDataset.Open(folder);

var ml = new MLContext(seed: 1);
var train = dataset.Load(ml, DatasetSplit.Train);

// Networks that two CPU cores train in a minute. Without these options you get the published networks, which want a GPU.
var pipeline = ml.TissueSegmentation.MultiLayerPseudoSupervision(dataset.Classes, new()
{
    Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation), Progress = new EpochLines() },
    Classifier = new() { Width = 0.0625, Training = new() { Epochs = 16, Optimizer = new() { LearningRate = 0.02 } } },
    Segmenter = new() { Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.5 }, Training = new() { Epochs = 8 }, CalibrateGate = true },
});
using var model = pipeline.Fit(train);
ml.Model.Save(model, train.Schema, Path.Combine(Output, "model.zip"));

// Scores and pictures of images that training never saw.
var predicted = model.Transform(dataset.Load(ml, DatasetSplit.Test));
var scores = ml.TissueSegmentation.Evaluate(predicted);
var rows = predicted.GetColumn<string>("ImagePath").Zip(predicted.GetColumn<byte[]>("Mask"), predicted.GetColumn<byte[]>("PredictedMask")).Take(8)
    .Select(row => new ContactSheetRow { Name = Path.GetFileName(row.First), Image = Read(row.First), Truth = row.Second, Prediction = row.Third });
ContactSheet.Draw([.. rows], dataset.Classes).Save(Path.Combine(Output, "contact-sheet.png"));
File.WriteAllText(Path.Combine(Output, "metrics.json"), scores.ToJson("test").ToJsonString());
File.WriteAllText(Path.Combine(Output, "curves.html"), model.OfType<PatchClassifierTransformer>().Single().Training.ToHtml() + model.LastTransformer.Training.ToHtml());
Console.WriteLine($"{scores}\nWritten: {Path.GetFullPath(Output)}");

Directory.Delete(data, recursive: true);
return 0;

static RgbImage Read(string path)
{
    using var image = MLImage.CreateFromFile(path);
    return RgbImage.FromMLImage(image);
}

/// <summary>Writes a line for each epoch.</summary>
internal sealed class EpochLines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            Console.WriteLine($"{value.Stage}, epoch {value.Epoch} of {value.Epochs}: loss {value.Loss:f3}, about {value.Remaining.TotalSeconds:f0} s left");
        }
    }
}
