using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Files that are no masks, or damaged ones.</summary>
public sealed class PalettePngFaultTests
{
    [Fact]
    public void Read_Truecolour_SaysThatItHasNoIndices()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 1, Height = 1, Samples = [1, 2, 3], ColorType = 2, Palette = [] }.Write(folder.File("mask.png"));

        Assert.Contains("Truecolour", Assert.Throws<TissueDataException>(() => PalettePng.Read(folder.File("mask.png"))).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_IndexWithoutColour_NamesPixelAndIndex()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 2, Height = 1, Samples = [1, 3], Palette = PngSamples.Colors(3) }.Write(folder.File("mask.png"));

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.Read(folder.File("mask.png")));

        Assert.Contains("(1, 0)", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("index 3", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CutAtEveryByte_IsAlwaysAnErrorThatNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("mask.png");
        var whole = new PngBuilder { Width = 5, Height = 4, Samples = PngSamples.Indices(new Random(1), 20, 4), DataChunks = 2 }.Build();
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);

            Assert.Equal(path, Assert.Throws<TissueDataException>(() => PalettePng.Read(path)).FilePath);
        }
    }

    [Fact]
    public void Read_OneBitFlippedAnywhere_IsAlwaysAnError()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("mask.png");
        var whole = new PngBuilder { Width = 5, Height = 4, Samples = PngSamples.Indices(new Random(1), 20, 4) }.Build();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, damaged);

            Assert.Throws<TissueDataException>(() => PalettePng.Read(path));
        }
    }

    private static readonly (string Rule, Func<PngBuilder, PngBuilder> Break)[] FaultCases =
    [
        ("incomplete", builder => builder with { OnCompressed = data => data[..(data.Length / 2)] }),
        ("damaged", builder => builder with { OnCompressed = data => [.. data[..^1], (byte)~data[^1]] }),
        ("incomplete", builder => builder with { OnRows = rows => rows[..^1] }),
        ("more than its pixels", builder => builder with { OnRows = rows => [.. rows, 0] }),
        ("filter 5", builder => builder with { Filter = 5 }),
        ("no palette", builder => builder with { Palette = [] }),
        ("PLTE", builder => builder with { Palette = [1, 2, 3, 4] }),
        ("PLTE", builder => builder with { Palette = new byte[257 * 3] }),
        ("bit depth 3", builder => builder with { BitDepth = 3 }),
        ("colour type 5", builder => builder with { ColorType = 5 }),
        ("cannot hold", builder => builder with { ClaimedWidth = 20000, ClaimedHeight = 10000 }),
        ("critical", builder => builder with { Extra = PngBuilder.Chunk("ABCD", [1]) }),
        ("apart", builder => builder with { Extra = [.. PngBuilder.Chunk("IDAT", []), .. PngBuilder.Chunk("tEXt", [1])] }),
    ];

    public static TheoryData<int, string> Faults()
    {
        var faults = new TheoryData<int, string>();
        for (var i = 0; i < FaultCases.Length; i++)
        {
            faults.Add(i, FaultCases[i].Rule);
        }

        return faults;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Read_FileThatBreaksTheFormat_NamesTheRule(int fault, string rule)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("mask.png");
        FaultCases[fault].Break(new PngBuilder { Width = 5, Height = 4, Samples = PngSamples.Indices(new Random(1), 20, 4) }).Write(path);

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.Read(path));

        Assert.Equal(path, exception.FilePath);
        Assert.Contains(rule, exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_NamesIt()
    {
        var exception = Assert.Throws<TissueDataException>(() => PalettePng.Read("no such mask.png"));

        Assert.Equal("no such mask.png", exception.FilePath);
    }
}
