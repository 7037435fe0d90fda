using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class PalettePngWriteTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(224, 224, 5)]
    [InlineData(7, 300, 256)]
    public void Write_ThenRead_GivesTheSameIndicesAndColours(int width, int height, int colors)
    {
        using var folder = new TemporaryFolder();
        var indices = PngSamples.Indices(new Random(width), width * height, colors);
        TissueColor[] palette = [.. Enumerable.Range(0, colors).Select(i => new TissueColor((byte)i, (byte)(255 - i), 9))];

        PalettePng.Write(folder.File("mask.png"), indices, width, height, palette);

        var image = PalettePng.Read(folder.File("mask.png"));
        Assert.Equal(indices, image.Indices.ToArray());
        Assert.Equal(palette, image.Palette);
        using var seenBySkia = SKBitmap.Decode(folder.File("mask.png"));
        Assert.Equal(indices.Select(index => new SKColor(index, (byte)(255 - index), 9)), seenBySkia.Pixels);
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytesAndLeavesNoOtherFile()
    {
        using var folder = new TemporaryFolder();
        var indices = PngSamples.Indices(new Random(2), 64, 5);
        PalettePng.Write(folder.File("mask.png"), indices, 8, 8, TissueClasses.LuadHistoSeg.Palette);
        var first = File.ReadAllBytes(folder.File("mask.png"));

        PalettePng.Write(folder.File("mask.png"), indices, 8, 8, TissueClasses.LuadHistoSeg.Palette);

        Assert.Equal(first, File.ReadAllBytes(folder.File("mask.png")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void ToBytesAndWriteToAStream_GiveTheBytesOfTheFile()
    {
        using var folder = new TemporaryFolder();
        var indices = PngSamples.Indices(new Random(3), 64, 5);
        PalettePng.Write(folder.File("mask.png"), indices, 8, 8, TissueClasses.LuadHistoSeg.Palette);
        using var stream = new MemoryStream();
        stream.WriteByte(7);

        PalettePng.Write(stream, indices, 8, 8, TissueClasses.LuadHistoSeg.Palette);

        var file = File.ReadAllBytes(folder.File("mask.png"));
        Assert.Equal(file, PalettePng.ToBytes(indices, 8, 8, TissueClasses.LuadHistoSeg.Palette));
        Assert.Equal([7, .. file], stream.ToArray());
        Assert.True(stream.CanWrite);
    }

    [Fact]
    public void Write_ToAStreamWithFaults_WritesNothing()
    {
        using var stream = new MemoryStream();

        Assert.Throws<ArgumentException>(() => PalettePng.Write(stream, [9], 1, 1, TissueClasses.LuadHistoSeg.Palette));
        Assert.Throws<ArgumentException>(() => PalettePng.Write(stream, [0], 2, 1, TissueClasses.LuadHistoSeg.Palette));
        Assert.Throws<ArgumentException>(() => PalettePng.Write(new MemoryStream([], writable: false), [0], 1, 1, TissueClasses.LuadHistoSeg.Palette));

        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Write_IndexWithoutColour_NamesPixelAndWritesNothing()
    {
        using var folder = new TemporaryFolder();

        var exception = Assert.Throws<ArgumentException>(() => PalettePng.Write(folder.File("mask.png"), [0, 5], 2, 1, TissueClasses.LuadHistoSeg.Palette));

        Assert.Contains("(1, 0)", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
