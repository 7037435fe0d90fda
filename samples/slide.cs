// Segments a whole slide and says where its tissues are: dotnet run samples/slide.cs -- model.zip slide.svs [µm a pixel of the model's patches]
// Outside this repository, take the package instead of the project: #:package Mlps.Slides@0.2.0-dev.* (docs/packaging.md says where to get it).
#:project ../src/Mlps.Slides/Mlps.Slides.csproj
#:package TorchSharp-cpu@0.107.0
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
using System.Globalization;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Slides;

if (args is not [var modelFile, var slideFile, ..] || !File.Exists(modelFile) || !File.Exists(slideFile))
{
    Console.Error.WriteLine("dotnet run samples/slide.cs -- MODEL.zip SLIDE [MPP]: give a model and a slide that exist; results go to the folder slides.");
    return 2;
}

var ml = new MLContext();
var model = ml.TissueSegmentation.LoadModel(modelFile);
using var owner = model as IDisposable;
var options = new SlideSegmentationOptions { ModelMicronsPerPixel = args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : null };
using (var slide = Slide.Open(slideFile))
{
    Console.WriteLine($"{slide.Name}: {slide.Width} x {slide.Height} pixels of {slide.MicronsPerPixel} µm, read by {slide.Backend}");
}

var segmenter = new SlideSegmenter(ml, model, modelName: Path.GetFullPath(modelFile), options);
var result = segmenter.Run([slideFile], "slides", progress: new Progress<SlideProgress>(now => Console.WriteLine(now.Warning ?? $"band {now.BandsDone} of {now.BandCount}")))[0];
Console.WriteLine(result.State == SlideState.Finished ? $"Look at it in {Path.Combine(result.Folder, "index.html")}" : $"{result.State}: {result.Reason}");
return result.State == SlideState.Finished ? 0 : 3;
