using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Data;
using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>Images that ML.NET's own transforms load and resize.</summary>
[Collection(ChainTests.Name)]
public sealed class LoadedImagesTests(TrainedChain chain, TissueFolder files) : IClassFixture<TissueFolder>
{
    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void Transform_ImagesOfLoadImages_PredictsAsForTheDatasetsOwn()
    {
        var own = files.Open().Load(_ml, DatasetSplit.Train);
        var listed = _ml.Data.LoadFromEnumerable(files.Open().Patches(DatasetSplit.Train).Select(patch => new ListedImage { File = patch.ImagePath }));
        var loaded = _ml.Transforms.LoadImages("Image", imageFolder: null, "File").Fit(listed).Transform(listed);

        var predicted = chain.Model.Transform(loaded);

        Assert.Equal(chain.Model.Transform(own).Vectors<float>("Probability"), predicted.Vectors<float>("Probability"));
        Assert.Equal(chain.Model.Transform(own).Vectors<byte>("PredictedMask"), predicted.Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void Fit_LabelsFromATextFileAndImagesOfLoadImages_TrainsAsFromTheDataset()
    {
        var table = files.File("labels.tsv");
        File.WriteAllLines(table, files.Open().Patches(DatasetSplit.Train).Select(patch => $"{Path.GetFileName(patch.ImagePath)}\t{string.Join('\t', patch.Label!.Select(present => present ? 1 : 0))}"));
        var listed = _ml.Data.LoadFromTextFile<LabelledFile>(table);
        var loading = _ml.Transforms.LoadImages("Image", files.TrainFolder, "File");
        var own = files.Open().Load(_ml, DatasetSplit.Train);

        using var fromTable = loading.Append(TinyChain.Create(_ml)).Fit(listed);
        using var fromFolder = TinyChain.Create(_ml).Fit(own);

        Assert.Equal(fromFolder.Transform(own).Vectors<float>("PixelProbability"), fromTable.Transform(listed).Vectors<float>("PixelProbability"));
    }

    [Fact]
    public void SaveAndLoad_ChainThatBeginsWithLoadImagesAndResizeImages_PredictsTheSame()
    {
        var listed = _ml.Data.LoadFromEnumerable(files.Open().Patches(DatasetSplit.Train).Select(patch => new ListedPatch { File = patch.ImagePath, Label = patch.Label!.ToArray() }));
        using var model = _ml.Transforms.LoadImages("Image", imageFolder: null, "File")
            .Append(_ml.Transforms.ResizeImages("Image", 24, 16))
            .Append(TinyChain.Create(_ml))
            .Fit(listed);
        var path = files.File("chain.zip");
        _ml.Model.Save(model, listed.Schema, path);

        var loaded = new MLContext().Model.Load(path, out var schema);
        using var owned = (IDisposable)loaded;

        var expected = model.Transform(listed).Vectors<byte>("PredictedMask");
        Assert.Equal(["File", "Label"], schema.Select(column => column.Name));
        Assert.All(expected, mask => Assert.Equal(24 * 16, mask.Length));
        Assert.Equal(expected, loaded.Transform(listed).Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void Transform_ResizedImages_SizeOfTheMasksIsInTheSchema()
    {
        var own = files.Open().Load(_ml, DatasetSplit.Train);
        var resized = _ml.Transforms.ResizeImages("Image", imageWidth: 40, imageHeight: 24).Fit(own).Transform(own);

        var predicted = chain.Model.Transform(resized);

        Assert.Equal([24, 40], predicted.Schema.Dimensions("PredictedMask"));
        Assert.All(predicted.Vectors<byte>("PredictedMask"), mask => Assert.Equal(24 * 40, mask.Length));
    }

    [Fact]
    public void PredictionEngine_ChainThatBeginsWithLoadImages_TakesPaths()
    {
        var listed = _ml.Data.LoadFromEnumerable(files.Open().Patches(DatasetSplit.Train).Select(patch => new ListedImage { File = patch.ImagePath }));
        var loading = _ml.Transforms.LoadImages("Image", imageFolder: null, "File").Fit(listed);
        var whole = loading.Append(chain.Model);
        var expected = whole.Transform(listed).Vectors<byte>("PredictedMask");

        using var engine = _ml.Model.CreatePredictionEngine<ListedImage, Predicted>(whole, new PredictionEngineOptions { OwnsTransformer = false });

        Assert.Equal(expected, files.Open().Patches(DatasetSplit.Train).Select(patch => engine.Predict(new ListedImage { File = patch.ImagePath }).PredictedMask));
    }

    [Fact]
    public void Transform_JpegThatLiesOnItsSide_PredictsAsForTheUprightImage()
    {
        using var turned = new TemporaryFolder();
        using var upright = new TemporaryFolder();
        using var stored = SKBitmap.Decode(files.Open().Patches(DatasetSplit.Train)[0].ImagePath).Resize(new SKImageInfo(32, 48), SKFilterQuality.High);
        File.WriteAllBytes(turned.File("a.jpg"), TurnedImage.Jpeg(stored, orientation: 6, bigEndian: true));
        using (var image = ImageFile.Read(turned.File("a.jpg")))
        {
            File.WriteAllBytes(upright.File("a.png"), Png(image));
        }

        var predicted = chain.Model.Transform(TissueDataset.LoadImages(_ml, turned.Path));
        var expected = chain.Model.Transform(TissueDataset.LoadImages(_ml, upright.Path));

        Assert.Equal(expected.Vectors<float>("PixelProbability"), predicted.Vectors<float>("PixelProbability"));
        Assert.All(predicted.Vectors<byte>("PredictedMask"), mask => Assert.Equal(48 * 32, mask.Length));
    }

    private static byte[] Png(MLImage image)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        System.Runtime.InteropServices.Marshal.Copy(image.Pixels.ToArray(), 0, bitmap.GetPixels(), bitmap.ByteCount);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private sealed class Predicted
    {
        public byte[] PredictedMask { get; set; } = [];
    }

    private sealed class ListedImage
    {
        public string File { get; set; } = string.Empty;
    }

    private sealed class ListedPatch
    {
        public string File { get; set; } = string.Empty;

        [VectorType(2)]
        public bool[] Label { get; set; } = [];
    }

    private sealed class LabelledFile
    {
        [LoadColumn(0)]
        public string File { get; set; } = string.Empty;

        [LoadColumn(1, 2)]
        [VectorType(2)]
        public bool[] Label { get; set; } = [];
    }
}
