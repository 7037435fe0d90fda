using Microsoft.ML;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Validation sets by which no epoch can be chosen.</summary>
[Collection(ChainTests.Name)]
public sealed class ValidationRefusalTests
{
    private readonly MLContext _ml = new(seed: 5);

    private static TinyTable Large => TinyTable.Images(3, 44, 40);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(9, 0.8)]
    public void Classifier_ValidationMasksThatScoreNothing_AreRefused(int tenthsOfTissue, double share)
    {
        var images = Large;
        var masks = images.Bytes("Mask", row => [.. Enumerable.Range(0, row.Width * row.Height).Select(pixel => pixel % 10 < tenthsOfTissue ? (byte)(pixel % 2) : (byte)2)]);
        var options = TinyChain.Classifier with { ValidationLabelShare = share, Run = new() { ValidationSet = images.View(images.Name, images.Image, masks) } };

        var error = Assert.Throws<TissueDataException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(4).Labelled()));

        Assert.StartsWith("Column 'Mask' of the validation set has no window of 32x32 pixels in which a tissue covers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segmenter_ValidationMasksOfBackgroundAlone_AreRefused()
    {
        var images = Large;
        var background = images.View(images.Name, images.Image, images.Bytes("Mask", row => [.. Enumerable.Repeat((byte)2, row.Width * row.Height)]));

        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(_ml, segmenter: TinyChain.Segmenter with { Run = new() { ValidationSet = background } }).Fit(TinyTable.Patches(4).Labelled()));

        Assert.StartsWith("Column 'Mask' of the validation set has background in every pixel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classifier_ValidationLabelsWithoutTissue_AreRefused()
    {
        var images = TinyTable.Patches(3);
        var options = TinyChain.Classifier with { Run = new() { ValidationSet = images.View(images.Name, images.Image, images.LabelOf(_ => [false, false])) } };

        var error = Assert.Throws<TissueDataException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(4).Labelled()));

        Assert.Equal("Column 'Label' of the validation set names no tissue in any row: the best epoch would be the one that predicts none. Give images in which tissues occur.", error.Message);
    }
}
