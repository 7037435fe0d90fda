using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class PalettePngTests
{
    public static TheoryData<int, int?, bool> EveryKind()
    {
        var kinds = new TheoryData<int, int?, bool>();
        foreach (var depth in new[] { 1, 2, 4, 8 })
        {
            foreach (var filter in new int?[] { 0, 1, 2, 3, 4, null })
            {
                kinds.Add(depth, filter, false);
                kinds.Add(depth, filter, true);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public void Read_EveryDepthFilterAndInterlace_GivesTheIndices(int depth, int? filter, bool interlaced)
    {
        using var folder = new TemporaryFolder();
        var random = new Random((depth * 31) + (filter ?? 7));
        foreach (var (width, height) in new[] { (1, 1), (3, 2), (8, 8), (5, 17), (33, 9) })
        {
            var indices = PngSamples.Indices(random, width * height, 1 << depth);
            var path = folder.File("mask.png");
            new PngBuilder
            {
                Width = width,
                Height = height,
                Samples = indices,
                BitDepth = depth,
                Filter = filter,
                Interlaced = interlaced,
                DataChunks = 1 + random.Next(4),
                Palette = PngSamples.Colors(1 << depth),
            }.Write(path);

            var image = PalettePng.Read(path);

            Assert.Equal((width, height), (image.Width, image.Height));
            Assert.Equal(indices, image.Indices.ToArray());
            Assert.Equal(new TissueColor(0, 1, 2), image.Palette[0]);
            Assert.Equal(1 << depth, image.Palette.Count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Read_Greyscale_TakesValuesAsIndices(int depth)
    {
        using var folder = new TemporaryFolder();
        var indices = PngSamples.Indices(new Random(depth), 7 * 5, 1 << depth);
        new PngBuilder { Width = 7, Height = 5, Samples = indices, BitDepth = depth, ColorType = 0, Palette = [] }.Write(folder.File("grey.png"));

        var image = PalettePng.Read(folder.File("grey.png"));

        Assert.Equal(indices, image.Indices.ToArray());
        Assert.Empty(image.Palette);
    }

    [Fact]
    public void Read_GreyscaleWrittenBySkia_GivesItsValues()
    {
        using var folder = new TemporaryFolder();
        using var bitmap = new SKBitmap(new SKImageInfo(31, 23, SKColorType.Gray8, SKAlphaType.Opaque));
        var values = PngSamples.Indices(new Random(5), 31 * 23, 256);
        for (var y = 0; y < 23; y++)
        {
            System.Runtime.InteropServices.Marshal.Copy(values, y * 31, bitmap.GetPixels() + (y * bitmap.RowBytes), 31);
        }

        using (var pixmap = bitmap.PeekPixels())
        using (var data = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 6)))
        {
            File.WriteAllBytes(folder.File("grey.png"), data.ToArray());
        }

        Assert.Equal(values, PalettePng.Read(folder.File("grey.png")).Indices.ToArray());
    }

    [Theory]
    [InlineData(SKPngEncoderFilterFlags.None)]
    [InlineData(SKPngEncoderFilterFlags.Sub)]
    [InlineData(SKPngEncoderFilterFlags.Up)]
    [InlineData(SKPngEncoderFilterFlags.Avg)]
    [InlineData(SKPngEncoderFilterFlags.Paeth)]
    [InlineData(SKPngEncoderFilterFlags.AllFilters)]
    public void ReadMask_TruecolourWrittenBySkia_MapsColoursToClasses(SKPngEncoderFilterFlags filters)
    {
        using var folder = new TemporaryFolder();
        var classes = TissueClasses.LuadHistoSeg;
        var indices = PngSamples.Indices(new Random((int)filters), 40 * 30, classes.Count + 1);
        foreach (var alpha in new[] { SKAlphaType.Opaque, SKAlphaType.Unpremul })
        {
            WriteColors(folder.File("mask.png"), indices, 40, 30, classes.Palette, filters, alpha);

            Assert.Equal(indices, PalettePng.ReadMask(folder.File("mask.png"), classes).Indices.ToArray());
        }
    }

    [Fact]
    public void ReadMask_ColourOfNoClass_NamesPixelAndColour()
    {
        using var folder = new TemporaryFolder();
        byte[] pixels = [205, 51, 51, 0, 255, 0, 65, 105, 225, 255, 165, 1];
        new PngBuilder { Width = 2, Height = 2, Samples = pixels, ColorType = 2, Palette = [] }.Write(folder.File("mask.png"));

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(folder.File("mask.png"), TissueClasses.LuadHistoSeg));

        Assert.Equal(folder.File("mask.png"), exception.FilePath);
        Assert.Contains("(1, 1)", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("#FFA501", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadMask_IndexAboveC_NamesPixelAndIndex()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 3, Height = 2, Samples = [0, 1, 2, 3, 4, 5], Palette = PngSamples.Colors(8) }.Write(folder.File("mask.png"));

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(folder.File("mask.png"), TissueClasses.BcssWsss));

        Assert.Contains("(2, 1)", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("index 5", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadMask_IntoMemoryOfAnotherSize_NamesBothSizes()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 3, Height = 2, Samples = new byte[6] }.Write(folder.File("mask.png"));

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(folder.File("mask.png"), TissueClasses.BcssWsss, 2, 3, new byte[6]));

        Assert.Contains("3 x 2", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("2 x 3", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AncillaryChunks_ArePassedOver()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 2, Height = 1, Samples = [1, 3], Extra = [.. PngBuilder.Chunk("tRNS", [0]), .. PngBuilder.Chunk("tEXt", [65, 0, 66])] }.Write(folder.File("mask.png"));

        Assert.Equal([1, 3], PalettePng.Read(folder.File("mask.png")).Indices.ToArray());
    }

    [SharedDataFact]
    public void ReadMask_EveryMaskOfRealTissue_HasIndicesUpToC()
    {
        foreach (var name in new[] { "glas", "wsss4luad" })
        {
            var dataset = TissueDataset.Open(Path.Combine(SharedDataFactAttribute.Folder(), name));
            foreach (var split in new[] { DatasetSplit.Validation, DatasetSplit.Test })
            {
                var patches = dataset.Patches(split);
                Assert.NotEmpty(patches);
                Assert.All(patches, patch =>
                {
                    var mask = PalettePng.ReadMask(patch.MaskPath!, dataset.Classes);
                    Assert.Equal((224, 224), (mask.Width, mask.Height));
                    Assert.All(mask.Indices.ToArray().Distinct(), index => Assert.InRange(index, 0, dataset.Classes.Count));
                });
            }
        }
    }

    private static void WriteColors(string path, byte[] indices, int width, int height, IReadOnlyList<TissueColor> palette, SKPngEncoderFilterFlags filters, SKAlphaType alpha)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, alpha));
        bitmap.Pixels = [.. indices.Select(index => new SKColor(palette[index].Red, palette[index].Green, palette[index].Blue))];
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(new SKPngEncoderOptions(filters, 6));
        File.WriteAllBytes(path, data.ToArray());
    }
}
