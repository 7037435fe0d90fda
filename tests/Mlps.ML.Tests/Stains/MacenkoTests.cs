using Microsoft.ML;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Macenko's method against its published formulas, and on images that show hardly any stain.</summary>
public sealed class MacenkoTests
{
    private const int Side = 96;

    private static readonly byte[] _reference = StainedImages.Draw(StainedImages.OtherHaematoxylin, StainedImages.OtherEosin, Side, seed: 2, most: 1.5);

    private readonly MLContext _ml = new(seed: 3);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Fit_KnownStains_FindsTheirDirections(int seed)
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side, seed);

        var stains = Fit(image).Model.Macenko!;

        Assert.InRange(PublishedMacenko.Degrees(stains.Haematoxylin.ToArray(), StainedImages.Haematoxylin), 0, 2);
        Assert.InRange(PublishedMacenko.Degrees(stains.Eosin.ToArray(), StainedImages.Eosin), 0, 2);
        Assert.InRange(stains.MostHaematoxylin, 1.8, 2.05);
        Assert.InRange(stains.MostEosin, 1.8, 2.05);
    }

    [Fact]
    public void Fit_AnyImage_AgreesWithThePublishedFormulas()
    {
        var published = PublishedMacenko.Of(_reference);

        var stains = Fit(_reference).Model.Macenko!;

        Assert.InRange(PublishedMacenko.Degrees(stains.Haematoxylin.ToArray(), published.Haematoxylin), 0, 1e-3);
        Assert.InRange(PublishedMacenko.Degrees(stains.Eosin.ToArray(), published.Eosin), 0, 1e-3);
        Assert.Equal(published.MostHaematoxylin, stains.MostHaematoxylin, 1e-4);
        Assert.Equal(published.MostEosin, stains.MostEosin, 1e-4);
    }

    [Fact]
    public void Transform_OtherStains_GivesThePublishedPixels()
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        var expected = PublishedMacenko.Of(image).Apply(image, PublishedMacenko.Of(_reference));

        var actual = Fit(_reference).Transform(StainedImages.Table(Side, image)).Images().Single();

        PixelAssert.Close(expected, actual);
        Assert.NotEqual(image, actual);
    }

    [Theory]
    [InlineData(5, 90)]
    [InlineData(0, 100)]
    public void Transform_OtherPercentiles_GivesThePublishedPixels(double angle, double concentration)
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        var expected = PublishedMacenko.Of(image, 0.3, angle, concentration).Apply(image, PublishedMacenko.Of(_reference, 0.3, angle, concentration));

        using var transformer = _ml.TissueSegmentation.NormalizeStains(new() { AnglePercentile = angle, ConcentrationPercentile = concentration, OpticalDensityThreshold = 0.3 }).Fit(StainedImages.Table(Side, _reference));

        PixelAssert.Close(expected, transformer.Transform(StainedImages.Table(Side, image)).Images().Single());
    }

    [Fact]
    public void Transform_TwoLaboratories_LookAlikeAfterwards()
    {
        var image = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        var transformer = Fit(_reference);

        var stains = Fit(transformer.Transform(StainedImages.Table(Side, image)).Images().Single()).Model.Macenko!;

        Assert.InRange(PublishedMacenko.Degrees(stains.Haematoxylin.ToArray(), StainedImages.OtherHaematoxylin), 0, 2);
        Assert.InRange(PublishedMacenko.Degrees(stains.Eosin.ToArray(), StainedImages.OtherEosin), 0, 2);
        Assert.Equal(transformer.Model.Macenko!.MostHaematoxylin, stains.MostHaematoxylin, 0.1);
    }

    [Fact]
    public void Transform_ItsOwnReference_ChangesHardlyAnything() =>
        Assert.All(Fit(_reference).Transform(StainedImages.Table(Side, _reference)).Images().Single().Zip(_reference), pair => Assert.InRange(pair.First - pair.Second, -3, 3));

    [Fact]
    public void Transform_OneStain_KeepsTheOtherOut()
    {
        var random = new Random(4);
        byte[] image = [.. Enumerable.Range(0, Side * Side).Select(_ => 0.5 + random.NextDouble()).SelectMany(amount => StainedImages.Haematoxylin.Select(density => PublishedMacenko.Intensity(amount * density)))];
        var reference = Fit(_reference).Model.Macenko!;

        var normalized = Fit(_reference).Transform(StainedImages.Table(Side, image)).Images().Single();

        // Each pixel has the reference's haematoxylin alone.
        Assert.All(
            PublishedMacenko.Densities(normalized).Where(density => density.Max() > 0.5),
            density => Assert.InRange(PublishedMacenko.Degrees(density, reference.Haematoxylin.ToArray()), 0, 4));
    }

    [Fact]
    public void Fit_OneStain_SaysSo()
    {
        byte[] image = [.. Enumerable.Range(0, Side * Side).SelectMany(pixel => StainedImages.Haematoxylin.Select(density => PublishedMacenko.Intensity((0.5 + (pixel % 100 / 100.0)) * density)))];

        var error = Assert.Throws<TissueDataException>(() => Fit(image));

        Assert.Contains("Two stains cannot be told apart in column 'Image' of the table", error.Message, StringComparison.Ordinal);
    }

    private StainNormalizationTransformer Fit(byte[] image) => _ml.TissueSegmentation.NormalizeStains().Fit(StainedImages.Table(Side, image));
}
