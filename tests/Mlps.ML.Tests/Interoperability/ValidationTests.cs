using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>Validation sets of chains that ML.NET's own steps are part of: what the steps do to the training images, they do to these.</summary>
[Collection(ChainTests.Name)]
public sealed class ValidationTests(TissueFolder files) : IClassFixture<TissueFolder>
{
    private const int Width = 24;
    private const int Height = 16;

    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void Fit_ResizeImagesBeforeTheStages_ValidationImagesAreResizedToo()
    {
        // Masks of the size that the images are resized to, as a user would have to give them.
        var images = TinyTable.Images(3, 2 * Width, 2 * Height);
        var validation = images.View(images.Name, images.Image, images.Bytes("Mask", row => TinyTissue.Mask(row.Number, Width, Height)));

        using var model = _ml.Transforms.ResizeImages("Image", Width, Height).Append(Stages(validation)).Fit(files.Open().Load(_ml, DatasetSplit.Train));

        Assert.Contains(model.LastTransformer.ClassifierOf().Training.Epochs, epoch => epoch.Scores.ContainsKey("validation.pseudoMaskMeanIoU"));
        Assert.All(model.LastTransformer.LastTransformer.Training.Epochs, epoch => Assert.InRange(epoch.Scores["validation.meanIoU"], 0, 1));
    }

    [Fact]
    public void Fit_ResizeImagesAndMasksOfTheOldSize_FailsBeforeAnythingIsTrained()
    {
        var progress = new ProgressList();
        var options = TinyChain.Classifier with { Run = new() { ValidationSet = TinyTable.Images(3, 44, 36).Masked(), Progress = progress } };

        var error = Assert.Throws<TissueDataException>(() =>
            _ml.Transforms.ResizeImages("Image", Width, Height).Append(_ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options)).Fit(files.Open().Load(_ml, DatasetSplit.Train)));

        Assert.Equal($"Column 'Mask', 'patch 0': the mask has {44 * 36} pixels, its image {Width * Height}.", error.Message);
        Assert.All(progress.Reports, report => Assert.True(report.Reading));
    }

    [Fact]
    public void Fit_LoadImagesBeforeTheStages_ValidationImagesAreLoadedToo()
    {
        var patches = files.Open().Patches(DatasetSplit.Train).Select(patch => new ListedPatch { File = patch.ImagePath, Label = patch.Label!.ToArray() }).ToArray();
        var (training, validation) = (_ml.Data.LoadFromEnumerable(patches[..8]), _ml.Data.LoadFromEnumerable(patches[8..]));

        using var model = _ml.Transforms.LoadImages("Image", imageFolder: null, "File")
            .Append(_ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { Run = new() { ValidationSet = validation } }))
            .Fit(training);

        Assert.All(model.LastTransformer.Training.Epochs, epoch => Assert.InRange(epoch.Scores["validation.labelIoU"], 0, 1));
    }

    private EstimatorChain<GatedSegmenterTransformer> Stages(IDataView validation) =>
        TinyChain.Create(_ml, TinyChain.Classifier with { Run = new() { ValidationSet = validation } }, segmenter: TinyChain.Segmenter with { Run = new() { ValidationSet = validation } });

    private sealed class ListedPatch
    {
        public string File { get; set; } = string.Empty;

        [VectorType(2)]
        public bool[] Label { get; set; } = [];
    }
}
