// Colours every image of a folder: dotnet run samples/segment.cs -- model.zip folder
// Outside this repository, take the package instead of the project: #:package Mlps.ML@0.1.0
#:project ../src/Mlps.ML/Mlps.ML.csproj
#:package TorchSharp-cpu
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

if (args is not [var modelFile, var folder] || !File.Exists(modelFile) || !Directory.Exists(folder))
{
    Console.Error.WriteLine("dotnet run samples/segment.cs -- MODEL.zip FOLDER: give a model that exists and a folder of images; masks go to FOLDER-masks.");
    return 2;
}

var ml = new MLContext();
using var model = (TransformerChain<ITransformer>)ml.Model.Load(modelFile, out _);
var classes = model.OfType<GatedSegmenterTransformer>().Single().Classes;
var output = Directory.CreateDirectory(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + "-masks").FullName;
var (names, damaged) = (new OutputNames(), 0);
var images = TissueDataset.LoadImages(ml, folder, image => Console.Error.WriteLine($"failed, {++damaged}: {Shown(image.Reason)}"));
foreach (var row in ml.Data.CreateEnumerable<PredictedFile>(model.Transform(images), reuseRowObject: false))
{
    using var image = MLImage.CreateFromFile(row.ImagePath);
    var mask = Path.Combine(output, names.Of(row.Name.Replace('/', '_'), ".png") + ".png");
    PalettePng.Write(mask, row.PredictedMask, image.Width, image.Height, classes.Palette);
    Console.WriteLine(Shown(mask));
}

return damaged == 0 ? 0 : 3;

// Names of files may hold what a terminal would obey.
static string Shown(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));

internal sealed class PredictedFile
{
    public string Name { get; set; } = "";

    public string ImagePath { get; set; } = "";

    public byte[] PredictedMask { get; set; } = [];
}
