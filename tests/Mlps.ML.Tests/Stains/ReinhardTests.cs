using Microsoft.ML;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Reinhard's transfer against its published formulas.</summary>
public sealed class ReinhardTests
{
    private const int Side = 64;

    private static readonly byte[] _reference = StainedImages.Draw(StainedImages.OtherHaematoxylin, StainedImages.OtherEosin, Side, seed: 2, most: 1.5);

    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void Fit_AnyImage_AgreesWithThePublishedFormulas()
    {
        var published = PublishedReinhard.Of(_reference);

        var colors = Fit(_reference).Model.Reinhard!;

        Assert.All(published.Means.Zip(colors.Means), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(published.Deviations.Zip(colors.Deviations), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Transform_OtherStains_GivesThePublishedPixels()
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        var expected = PublishedReinhard.Of(image).Apply(image, PublishedReinhard.Of(_reference));

        var actual = Fit(_reference).Transform(StainedImages.Table(Side, image)).Images().Single();

        PixelAssert.Close(expected, actual);
        Assert.NotEqual(image, actual);
    }

    [Fact]
    public void Transform_ItsOwnReference_ChangesNothingBeyondRounding() => PixelAssert.Close(_reference, Fit(_reference).Transform(StainedImages.Table(Side, _reference)).Images().Single());

    [Fact]
    public void Transform_WhiteAndInkBesideTissue_StayAsTheyAre()
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        byte[][] kept = [[255, 255, 255], [3, 1, 9]];
        image = [.. kept[0], .. kept[1], .. image[6..]];

        var actual = Fit(_reference).Transform(StainedImages.Table(Side, image)).Images().Single();

        Assert.Equal(image[..6], actual[..6]);
    }

    private StainNormalizationTransformer Fit(byte[] image) => _ml.TissueSegmentation.NormalizeStains(new() { Method = StainMethod.Reinhard }).Fit(StainedImages.Table(Side, image));
}
