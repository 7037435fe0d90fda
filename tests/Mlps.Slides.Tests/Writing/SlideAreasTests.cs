using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class SlideAreasTests
{
    [Fact]
    public void Every_pixel_is_counted_once_with_its_probability()
    {
        var mask = ArrayMask.Blobs(333, 222, seed: 5, classes: 5, noise: 0.05);
        var slide = TestSlide.Of(mask);
        var areas = SlideAreas.Count(mask, slide);
        Assert.Equal(333 * 222, areas.Classes.Sum(area => area.Pixels) + areas.Background!.Pixels + areas.NotLookedAt.Pixels);
        var probability = new byte[mask.Classes.Length];
        mask.Read(0, mask.Height, new byte[probability.Length], probability);
        for (var index = 0; index < 5; index++)
        {
            var area = index < 4 ? areas.Classes[index] : areas.Background;
            var at = Enumerable.Range(0, probability.Length).Where(i => mask.Classes[i] == index).ToArray();
            Assert.Equal(at.Length, area.Pixels);
            Assert.Equal(at.Length * 0.25e-6, area.SquareMillimetres, 12);
            Assert.Equal(at.Average(i => probability[i] / 255.0), area.MeanProbability!.Value, 9);
        }

        Assert.Equal(1, areas.Classes.Sum(area => area.ShareOfTissue!.Value), 9);
        Assert.Equal(areas.Classes.Sum(area => area.SquareMillimetres), areas.Tissue.SquareMillimetres, 12);
    }

    [Fact]
    public void The_table_has_the_area_that_shares_are_of()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("0014", "01..");
        SlideAreas.Count(mask, TestSlide.Of(mask)).Write(folder.File("areas.csv"));
        Assert.Equal(
            """
            class,pixels,mm2,share_of_tissue,mean_probability
            tumor epithelium,3,0.00000075,0.600000,1.000000
            necrosis,2,0.0000005,0.400000,1.000000
            lymphocyte,0,0.000000,0.000000,
            tumor-associated stroma,0,0.000000,0.000000,
            all tissue,5,0.00000125,1.000000,1.000000
            background,1,0.00000025,,1.000000
            not looked at,2,0.0000005,,

            """,
            File.ReadAllText(folder.File("areas.csv")),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void A_slide_without_tissue_has_no_shares()
    {
        var mask = ArrayMask.Parse("..", "..");
        var areas = SlideAreas.Count(mask, TestSlide.Of(mask));
        Assert.All(areas.All, area => Assert.Null(area.ShareOfTissue));
        Assert.Equal(4, areas.NotLookedAt.Pixels);
    }

    [Fact]
    public void A_value_that_is_no_class_is_named()
    {
        var mask = ArrayMask.Parse("04");
        var exception = Assert.Throws<InvalidDataException>(() => SlideAreas.Count(mask, TestSlide.Of(mask, classes: TissueClasses.BcssWsss)));
        Assert.Contains("value 4", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(100_003)]
    public void Sums_of_bytes_do_not_overflow(int count) => Assert.Equal(255L * count, Bytes.Sum(Enumerable.Repeat(byte.MaxValue, count).ToArray()));
}
