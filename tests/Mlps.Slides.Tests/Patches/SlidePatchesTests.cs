using Mlps.ML;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Patches;

public sealed class SlidePatchesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void HilbertsCurve_GoesThroughEachCellOnce_FromOneToTheNext()
    {
        const int Side = 16;
        var cells = (from row in Enumerable.Range(0, Side) from column in Enumerable.Range(0, Side) orderby HilbertCurve.Place(column, row, Side) select (column, row)).ToArray();
        Assert.Equal(Enumerable.Range(0, Side * Side).Select(place => (long)place), cells.Select(cell => HilbertCurve.Place(cell.column, cell.row, Side)));
        Assert.All(cells.Zip(cells.Skip(1)), pair => Assert.Equal(1, Math.Abs(pair.First.column - pair.Second.column) + Math.Abs(pair.First.row - pair.Second.row)));
    }

    [Fact]
    public void Patches_AreOfTissue_Apart_AndSpread()
    {
        using var slide = new StubSource(8000, 8000).Open();

        // Tissue is the left half and the lower right quarter.
        var mask = new TissueMask([true, false, true, true], 2, 2, 4000, 4000);
        var patches = SlidePatches.Choose(slide, new SlidePatchOptions { Size = 100, PerSlide = 60, Mask = mask, MicronsPerPixel = 1 });
        Assert.Equal(60, patches.Count);
        Assert.All(patches, patch => Assert.True(patch.Tissue >= 0.5 && patch.X >= 0 && patch.Y >= 0 && patch.X + 200 <= 8000 && patch.Y + 200 <= 8000));
        Assert.All(patches, patch => Assert.Equal($"stub_x{patch.X}_y{patch.Y}", patch.Name));
        Assert.Equal(2, patches[0].Downsample);

        // Apart: no two overlap.
        Assert.DoesNotContain(patches, patch => patches.Any(other => other != patch && Math.Abs(other.X - patch.X) < 200 && Math.Abs(other.Y - patch.Y) < 200));

        // Spread: each quarter has its third of the patches, but for the runs that lie in two.
        int In(int left, int top) => patches.Count(patch => patch.X / 4000 == left && patch.Y / 4000 == top);
        Assert.All((int[])[In(0, 0), In(0, 1), In(1, 1)], count => Assert.InRange(count, 16, 24));
        Assert.InRange(In(1, 0), 0, 2);
    }

    [Fact]
    public void TheSameSeed_GivesTheSamePatches_AndAnotherOthers()
    {
        using var slide = new StubSource(8000, 8000).Open();
        var options = new SlidePatchOptions { Size = 100, PerSlide = 30, Mask = TissueMask.Whole(slide) };
        Assert.Equal(SlidePatches.Choose(slide, options), SlidePatches.Choose(slide, options));
        Assert.NotEqual(SlidePatches.Choose(slide, options), SlidePatches.Choose(slide, options with { Seed = 2 }));

        // Recorded: a new version of .NET or of this library must not move patches that were labelled.
        Assert.Equal(["stub_x7300_y0", "stub_x4400_y100", "stub_x1900_y300", "stub_x1300_y400"], SlidePatches.Choose(slide, options).Take(4).Select(patch => patch.Name));
    }

    [Fact]
    public void WhereThereIsNoRoom_ThereAreFewer()
    {
        using var slide = new StubSource(450, 330).Open();
        Assert.Equal(4 * 3, SlidePatches.Choose(slide, new SlidePatchOptions { Size = 100, PerSlide = 60, Mask = TissueMask.Whole(slide) }).Count);
        Assert.Single(SlidePatches.Choose(slide, new SlidePatchOptions { Size = 400, Mask = TissueMask.Whole(slide) }));
        Assert.Empty(SlidePatches.Choose(slide, new SlidePatchOptions { Size = 4000, Mask = TissueMask.Whole(slide) }));
    }

    [Fact]
    public void Files_HaveThePixels_AndNamesThatTellTheSlide()
    {
        using var slide = new StubSource(1000, 1000).Open();
        var options = new SlidePatchOptions { Size = 64, PerSlide = 5, Mask = TissueMask.Whole(slide), MicronsPerPixel = 0.75 };
        var patches = SlidePatches.Write(slide, _folder.Combine("out"), options, "TCGA-A1-A0SB-01Z-00-DX1");
        Assert.Equal(patches.Select(patch => patch.Name + ".png").Order(), Directory.GetFiles(_folder.Combine("out")).Select(Path.GetFileName).Order());
        foreach (var patch in patches)
        {
            using var image = TissueImage.FromBytes(File.ReadAllBytes(_folder.Combine("out", patch.Name + ".png")));
            Assert.Equal(slide.ReadRegion(patch.X, patch.Y, 64, 64, 1.5), RgbImage.FromMLImage(image).Pixels.ToArray());
            Assert.Equal("TCGA-A1-A0SB-01Z-00-DX1", PatchSource.Parse(patch.Name));
            Assert.Equal("TCGA-A1-A0SB-01Z-00-DX1", PatchSource.Parse(patch.Name + "-[1 0]"));
        }
    }

    public void Dispose() => _folder.Dispose();
}
