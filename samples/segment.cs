// Colours every image of a folder: dotnet run samples/segment.cs -- model.zip folder
// Outside this repository, take the package instead of the project: #:package Mlps.ML@0.2.0-dev.* (docs/packaging.md says where to get it).
#:project ../src/Mlps.ML/Mlps.ML.csproj
#:package TorchSharp-cpu@0.107.0
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;

if (args is not [var modelFile, var folder] || !File.Exists(modelFile) || !Directory.Exists(folder))
{
    Console.Error.WriteLine("dotnet run samples/segment.cs -- MODEL.zip FOLDER: give a model that exists and a folder of images; masks go to FOLDER-masks.");
    return 2;
}

// A row's image has the mask's size and orientation; one that ML.NET reads itself may lie on its side.
DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
var ml = new MLContext();
using var model = (TransformerChain<ITransformer>)ml.TissueSegmentation.LoadModel(modelFile);
var classes = model.OfType<GatedSegmenterTransformer>().Single().Classes;
var output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + "-masks";
var images = ImageFolder.Open(folder, [output]);
images.Warnings.ToList().ForEach(Console.Error.WriteLine);
OutputMarker.Write(output, "segment.cs", "*");
var (names, damaged) = (new OutputNames(), images.LeftOut.Count(file => file.IsFault));
var table = images.Load(ml, image => Console.Error.WriteLine($"failed, {++damaged}: {Shown(image.Reason)}"));
foreach (var row in ml.Data.CreateEnumerable<PredictedFile>(model.Transform(table), reuseRowObject: false))
{
    var mask = Path.Combine(output, names.Create(row.Name.Replace('/', '_'), ".png") + ".png");
    PalettePng.Write(mask, row.PredictedMask, row.Image.Width, row.Image.Height, classes.Palette);
    Console.WriteLine(Shown(mask));
}

return damaged == 0 ? 0 : 3;

// Names of files may hold what a terminal would obey.
static string Shown(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));

internal sealed class PredictedFile
{
    public string Name { get; set; } = "";

    public MLImage Image { get; set; } = null!;

    public byte[] PredictedMask { get; set; } = [];
}
