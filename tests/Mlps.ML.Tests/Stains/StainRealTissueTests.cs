using Microsoft.ML;
using Mlps.ML.Tests.Data;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Both methods on patches of real tissue, against the published formulas.</summary>
public sealed class StainRealTissueTests
{
    private readonly MLContext _ml = new(seed: 3);

    [SharedDataFact]
    public void Transform_RealPatches_GivesThePublishedPixels()
    {
        var files = Directory.GetFiles(Path.Combine(SharedDataFactAttribute.Folder(), "glas", "train"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        using var referenceImage = ImageFile.Read(files[0]);
        var reference = StainedImages.ToRgb(referenceImage);
        var macenko = _ml.TissueSegmentation.NormalizeStains(new() { ReferencePath = files[0] }).Fit(StainedImages.Table(8, reference[..192]));
        var reinhard = _ml.TissueSegmentation.NormalizeStains(new() { ReferencePath = files[0], Method = StainMethod.Reinhard }).Fit(StainedImages.Table(8, reference[..192]));

        foreach (var file in files.Where((_, i) => i % (files.Length / 12) == 0))
        {
            using var image = ImageFile.Read(file);
            var rgb = StainedImages.ToRgb(image);
            using var byMacenko = macenko.Normalize(image);
            using var byReinhard = reinhard.Normalize(image);

            var published = PublishedMacenko.Of(rgb);
            Assert.InRange(PublishedMacenko.Degrees(published.Haematoxylin, published.Eosin), MacenkoStains.LeastDegrees, 90);
            PixelAssert.Close(published.Apply(rgb, PublishedMacenko.Of(reference)), StainedImages.ToRgb(byMacenko));
            PixelAssert.Close(PublishedReinhard.Of(rgb).Apply(rgb, PublishedReinhard.Of(reference)), StainedImages.ToRgb(byReinhard));
        }
    }

    [SharedDataFact]
    public void Fit_RealTable_StainsAreThoseOfHaematoxylinAndEosin()
    {
        var dataset = TissueDataset.Open(Path.Combine(SharedDataFactAttribute.Folder(), "glas"));

        var stains = _ml.TissueSegmentation.NormalizeStains().Fit(_ml.Data.TakeRows(dataset.Load(_ml, DatasetSplit.Train), 200)).Model.Macenko!;

        // Ruifrok and Johnston 2001 measured these on slides of another laboratory.
        Assert.InRange(PublishedMacenko.Degrees(stains.Haematoxylin.ToArray(), [0.65, 0.70, 0.29]), 0, 15);
        Assert.InRange(PublishedMacenko.Degrees(stains.Eosin.ToArray(), [0.07, 0.99, 0.11]), 0, 25);
        Assert.InRange(stains.Haematoxylin.DegreesTo(stains.Eosin), 15, 60);
    }
}
