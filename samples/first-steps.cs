// Draws tissue, trains on its patch labels, scores, and leaves pictures, report.html and model.zip in the folder first-steps: dotnet run samples/first-steps.cs
// Outside this repository, take the package instead of the project: #:package Mlps.ML@0.2.0-dev.* (docs/packaging.md says where to get it).
#:project ../src/Mlps.ML/Mlps.ML.csproj
#:package TorchSharp-cpu@0.107.0
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch.Networks;

var epochs = args is [var number] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 16;
Directory.SetCurrentDirectory(Directory.CreateDirectory("first-steps").FullName);
if (!Directory.Exists("tissue"))
    SyntheticTissue.Write("tissue", new() { TrainPatches = 300, ValidationPatches = 20, TestPatches = 20, PatchSize = 64 });

var ml = new MLContext(seed: 1);
var dataset = TissueDataset.Open("tissue");
IDataView train = dataset.Load(ml, DatasetSplit.Train), test = dataset.Load(ml, DatasetSplit.Test);
using var model = ml.TissueSegmentation.MultiLayerPseudoSupervision(dataset.Classes, new()
{
    Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation) },
    Classifier = new() { Width = 0.0625, Training = new() { Epochs = epochs, Optimizer = new() { LearningRate = 0.02 } } },
    Segmenter = new() { Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.5 }, Training = new() { Epochs = epochs } },
}).Fit(train);
ml.Model.Save(model, train.Schema, "model.zip");

var predicted = model.Transform(test);
var scores = ml.TissueSegmentation.Evaluate(predicted);
var rows = predicted.GetColumn<string>("ImagePath").Zip(predicted.GetColumn<byte[]>("Mask"), predicted.GetColumn<byte[]>("PredictedMask")).Take(6)
    .Select(row => new ContactSheetRow { Name = Path.GetFileName(row.First), Image = Read(row.First), Truth = row.Second, Prediction = row.Third })
    .ToArray();
var sheet = ContactSheet.Draw(rows, dataset.Classes);
sheet.Save("sheet.png");
OverlayPicture.Draw(rows[0].Image, rows[0].Prediction!, dataset.Classes, new() { Scale = 3 }).Save("overlay.png");
var curves = model.OfType<PatchClassifierTransformer>().Single().Training.ToHtml() + model.LastTransformer.Training.ToHtml();
File.WriteAllText("report.html", $"<!DOCTYPE html><meta charset=\"utf-8\"><title>First steps</title><h1>Scores</h1>{scores.ToHtml()}<h1>Training</h1>{curves}<h1>Test images</h1>{sheet.ToHtml()}");
Console.WriteLine($"{scores}\n{Path.GetFullPath("report.html")}");

static RgbImage Read(string path) { using var image = MLImage.CreateFromFile(path); return RgbImage.FromMLImage(image); }
