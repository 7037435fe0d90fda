using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Images and references of which stains can hardly be computed, pixel formats, transparency, and options.</summary>
public sealed class StainEdgeTests
{
    private const int Side = 64;

    private static readonly byte[] _reference = StainedImages.Draw(StainedImages.OtherHaematoxylin, StainedImages.OtherEosin, Side);

    private readonly MLContext _ml = new(seed: 3);

    public static TheoryData<string, byte[]> Unchangeable => new()
    {
        { "white", StainedImages.Uniform(255, 255, 255, Side * Side) },
        { "black", StainedImages.Uniform(0, 0, 0, Side * Side) },
        { "one colour", StainedImages.Uniform(120, 40, 160, Side * Side) },
        { "glass", [.. Enumerable.Range(0, 3 * Side * Side).Select(value => (byte)(230 + (value * 7 % 20)))] },
        { "ink", [.. Enumerable.Range(0, 3 * Side * Side).Select(value => (byte)(value * 7 % 15))] },
        { "a speck", [.. StainedImages.Uniform(255, 255, 255, (Side * Side) - 40), .. Enumerable.Range(0, 120).Select(value => (byte)(value * 2))] },
    };

    [Theory]
    [MemberData(nameof(Unchangeable))]
    public void Transform_HardlyAnyTissue_PassesUnchanged(string what, byte[] image)
    {
        Assert.NotEmpty(what);
        foreach (var method in Enum.GetValues<StainMethod>())
        {
            Assert.Equal(image, Fit(method).Transform(StainedImages.Table(Side, image)).Images().Single());
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    [InlineData(5, 1)]
    [InlineData(8, 8)]
    public void Transform_TinyImages_KeepTheirSize(int width, int height)
    {
        var image = _reference[..(3 * width * height)];
        foreach (var method in Enum.GetValues<StainMethod>())
        {
            Assert.Equal(image.Length, Fit(method).Transform(StainedImages.Table(width, image)).Images().Single().Length);
        }
    }

    /// <summary>Each colour takes light of one channel alone, so that the third lies in neither of the plane's two directions.</summary>
    [Fact]
    public void Transform_ThreePureColours_GivesFiniteStains()
    {
        byte[] image =
        [
            .. StainedImages.Uniform(60, 255, 255, 300),
            .. StainedImages.Uniform(255, 60, 255, 200),
            .. StainedImages.Uniform(255, 255, 60, 100),
            .. StainedImages.Uniform(255, 255, 255, (Side * Side) - 600),
        ];

        var stains = Fit(StainMethod.Macenko, image).Model.Macenko!;
        stains.Check();
        Assert.InRange(stains.Haematoxylin.DegreesTo(stains.Eosin), MacenkoStains.LeastDegrees, 90.001);

        foreach (var reference in (byte[][])[_reference, image])
        {
            var changed = Fit(StainMethod.Macenko, reference).Transform(StainedImages.Table(Side, image)).Images().Single();
            Assert.All(changed[1800..], value => Assert.Equal(byte.MaxValue, value));
            Assert.Contains(changed[..1800], value => value is > 20 and < 235);
        }
    }

    /// <summary>Amounts of two stains that are nearly one cannot be computed, and all pixels would be black.</summary>
    [Fact]
    public void Check_NearlyEqualStains_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new MacenkoStains(new(1, 0, 0), new(1, 1e-10, 0), 1, 1).Check());

    [Theory]
    [InlineData(StainMethod.Macenko)]
    [InlineData(StainMethod.Reinhard)]
    public void Fit_WhiteReference_SaysWhatIsMissing(StainMethod method)
    {
        var error = Assert.Throws<TissueDataException>(() => Fit(method, StainedImages.Uniform(255, 255, 255, Side * Side)));

        Assert.Contains("No stains can be computed from column 'Image' of the table: 0 pixels are tissue (optical density 0.15 or more), and 50 are needed. Give a reference that shows tissue.", error.Message, StringComparison.Ordinal);
        Assert.Contains("all tissue has one colour", Assert.Throws<TissueDataException>(() => Fit(method, StainedImages.Uniform(120, 40, 160, Side * Side))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoisyImages_NeverGiveNonsense()
    {
        var random = new Random(1);
        for (var round = 0; round < 40; round++)
        {
            var image = new byte[3 * 12 * 12];
            random.NextBytes(image);
            for (var i = 0; i < image.Length; i++)
            {
                image[i] = (byte)(image[i] >> random.Next(8));
            }

            foreach (var method in Enum.GetValues<StainMethod>())
            {
                Assert.Equal(image.Length, Fit(method).Transform(StainedImages.Table(12, image)).Images().Single().Length);
            }
        }
    }

    [Fact]
    public void Transform_EitherPixelFormat_GivesTheSamePixelsInTheSameFormat()
    {
        var rgb = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side);
        foreach (var method in Enum.GetValues<StainMethod>())
        {
            var transformer = Fit(method);
            using MLImage first = StainedImages.ToImage(rgb, Side, MLPixelFormat.Rgba32), second = StainedImages.ToImage(rgb, Side, MLPixelFormat.Bgra32);
            first.Tag = "slide 7";
            using MLImage one = transformer.Normalize(first), other = transformer.Normalize(second);

            Assert.Equal((MLPixelFormat.Rgba32, MLPixelFormat.Bgra32), (one.PixelFormat, other.PixelFormat));
            Assert.Equal(StainedImages.ToRgb(one), StainedImages.ToRgb(other));
            Assert.Equal("slide 7", one.Tag);
            Assert.Equal(rgb, StainedImages.ToRgb(first));
        }
    }

    [Fact]
    public void Transform_TransparentPixels_AreLaidOnWhiteFirst()
    {
        var pixels = StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side).Chunk(3).SelectMany((pixel, i) =>
        {
            var alpha = i % 5 == 0 ? 100 : 255;
            return (byte[])[.. pixel.Select(value => (byte)(value * alpha / 255)), (byte)alpha];
        }).ToArray();
        byte[] laid = [.. pixels.Chunk(4).SelectMany(pixel => pixel[..3].Select(value => (byte)Math.Min(255, value + 255 - pixel[3])))];
        using var transparent = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, pixels);
        using var opaque = StainedImages.ToImage(laid, Side);
        var transformer = Fit(StainMethod.Macenko);

        using MLImage one = transformer.Normalize(transparent), other = transformer.Normalize(opaque);

        Assert.Equal(other.Pixels.ToArray(), one.Pixels.ToArray());
    }

    [Fact]
    public void Fit_ReferenceAsFileOrImage_IsThatOfTheTable()
    {
        using var folder = new TemporaryFolder();
        using var image = StainedImages.ToImage(_reference, Side);
        image.Save(folder.Combine("reference.png"));
        var other = StainedImages.Table(Side, StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side));

        var ofTable = Fit(StainMethod.Macenko).Model.Macenko;

        Assert.Equal(ofTable, _ml.TissueSegmentation.NormalizeStains(new() { ReferenceImage = image }).Fit(other).Model.Macenko);
        Assert.Equal(ofTable, _ml.TissueSegmentation.NormalizeStains(new() { ReferencePath = folder.Combine("reference.png") }).Fit(other).Model.Macenko);
        Assert.NotEqual(ofTable, _ml.TissueSegmentation.NormalizeStains().Fit(other).Model.Macenko);
        Assert.Contains("nowhere.png", Assert.Throws<TissueDataException>(() => _ml.TissueSegmentation.NormalizeStains(new() { ReferencePath = folder.Combine("nowhere.png") }).Fit(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FewSampledPixels_IsFixedByTheSeedAndNearTheWhole()
    {
        var table = StainedImages.Table(Side, _reference, StainedImages.Draw(StainedImages.OtherHaematoxylin, StainedImages.OtherEosin, Side, seed: 5));
        MacenkoStains Fit(int sampled, int seed) => _ml.TissueSegmentation.NormalizeStains(new() { SampledPixels = sampled, Seed = seed }).Fit(table).Model.Macenko!;

        var whole = Fit(100_000, 1);

        Assert.Equal(Fit(1000, 1), Fit(1000, 1));
        Assert.NotEqual(Fit(1000, 1), Fit(1000, 2));
        Assert.Equal(whole, Fit(100_000, 2));
        Assert.InRange(Fit(1000, 1).Haematoxylin.DegreesTo(whole.Haematoxylin), 0, 1);
        Assert.InRange(Fit(1000, 1).Eosin.DegreesTo(whole.Eosin), 0, 1);
    }

    [Fact]
    public void Options_OutsideTheirRange_AreNamed()
    {
        using var image = StainedImages.ToImage(_reference, Side);
        Assert.Equal("SampledPixels", Refused(new() { SampledPixels = 10 }));
        Assert.Equal("OpticalDensityThreshold", Refused(new() { OpticalDensityThreshold = 0 }));
        Assert.Equal("AnglePercentile", Refused(new() { AnglePercentile = 50 }));
        Assert.Equal("ConcentrationPercentile", Refused(new() { ConcentrationPercentile = 50 }));
        Assert.Equal("Method", Refused(new() { Method = (StainMethod)7 }));
        Assert.Contains("give one of them", Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.NormalizeStains(new() { ReferencePath = "a.png", ReferenceImage = image })).Message, StringComparison.Ordinal);
        Assert.Contains("column name is empty", Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.NormalizeStains("")).Message, StringComparison.Ordinal);

        string? Refused(StainNormalizationOptions options) => Assert.Throws<ArgumentOutOfRangeException>(() => _ml.TissueSegmentation.NormalizeStains(options)).ParamName;
    }

    private StainNormalizationTransformer Fit(StainMethod method, byte[]? reference = null) =>
        _ml.TissueSegmentation.NormalizeStains(new() { Method = method }).Fit(StainedImages.Table(Side, reference ?? _reference));
}
