using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Masks whose palette says that their indices are other classes than the dataset's.</summary>
public sealed class MaskPaletteTests : IDisposable
{
    private const string Red = "CD3333", Blue = "4169E1", Green = "00A050", White = "FFFFFF", Black = "000000";

    private static readonly TissueClasses _two = Classes(background: null, Red, Blue);
    private static readonly TissueClasses _three = Classes(Black, Red, Blue, Green);

    private readonly TemporaryFolder _folder = new();

    private string MaskPath => _folder.File("mask.png");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new[] { White, Red, Blue }, "background first, as many programs write it")]
    [InlineData(new[] { Black, Red, Blue }, "a background of another colour first")]
    [InlineData(new[] { "808080", Red, Blue }, "any other first")]
    [InlineData(new[] { Blue, Red, White }, "classes swapped")]
    [InlineData(new[] { Blue, Red }, "classes swapped, without background")]
    [InlineData(new[] { Blue }, "cut to the colours that occur")]
    [InlineData(new[] { White, Blue }, "cut to the colours that occur, background first")]
    [InlineData(new[] { Black, Red }, "cut to the colours that occur, another background first")]
    [InlineData(new[] { Red, White, Blue }, "background in the middle")]
    [InlineData(new[] { White, Red, Blue, Black, Black, Black }, "filled up")]
    public void ReadMask_ClassesColoursInAnotherOrder_ShowsTheMapping(string[] palette, string why)
    {
        Write(palette, 0, 0, (byte)(palette.Length > 1 ? 1 : 0));

        var exception = Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(MaskPath, _two));

        Assert.True(exception.Rule!.StartsWith("The mask's palette has the colours of the dataset's classes in another order: index 0 has ", StringComparison.Ordinal), why);
        Assert.Contains($"index 0 has #{palette[0]}, the colour of {(palette[0] == Red ? "'class 0'" : palette[0] == Blue ? "'class 1'" : palette[0] == White ? "'background'" : "no class")}, and means 'class 0'", exception.Rule, StringComparison.Ordinal);
        Assert.Equal(MaskPath, exception.FilePath);
    }

    [Theory]
    [InlineData(new[] { Red, Blue, White }, "the classes' own")]
    [InlineData(new[] { Red, Blue, Black }, "another background")]
    [InlineData(new[] { Red, Blue }, "no background")]
    [InlineData(new[] { Red, Red, Red }, "a class's colour everywhere in what no pixel has")]
    [InlineData(new[] { Black, "010101", "020202", "030303" }, "a grey ramp")]
    [InlineData(new[] { White, "FEFEFE", "FDFDFD", "FCFCFC" }, "a grey ramp that begins with the background's colour")]
    [InlineData(new[] { "111111", "222222", "333333" }, "colours of no class")]
    [InlineData(new[] { "FF0000", "00FF00", "0000FF" }, "plain colours")]
    [InlineData(new[] { "123456", "654321", Red }, "one colour met by chance")]
    [InlineData(new[] { Red, Blue, White, White, White, White }, "filled up with background")]
    public void ReadMask_OtherPalette_IsReadByItsIndices(string[] palette, string why)
    {
        Write(palette, 0, 0, 0);

        Assert.True(PalettePng.ReadMask(MaskPath, _two).Indices.Span.IndexOfAnyExcept((byte)0) < 0, why);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 0, 0)]
    [InlineData(3, 3, 3)]
    public void ReadMask_FullGreyRampWhereBlackIsBackground_IsReadByItsIndices(byte first, byte second, byte third)
    {
        Write([.. Enumerable.Range(0, 256).Select(value => $"{value:X2}{value:X2}{value:X2}")], first, second, third);

        Assert.Equal([first, second, third], PalettePng.ReadMask(MaskPath, _three).Indices.ToArray());
    }

    [Fact]
    public void ReadMask_EveryPermutation_ButTheRightOne_IsRefused()
    {
        string[] own = [Red, Blue, Green, Black];
        foreach (var order in Permutations([0, 1, 2, 3]))
        {
            Write([.. order.Select(index => own[index])], 0, 1, 2);
            if (order.SequenceEqual([0, 1, 2, 3]))
            {
                PalettePng.ReadMask(MaskPath, _three);
            }
            else
            {
                Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(MaskPath, _three));
            }
        }
    }

    [Fact]
    public void ReadMask_IndexBeyondTheClassesInAPaletteOfAnotherOrder_SpeaksOfTheOrder()
    {
        Write([Black, Red, Blue, White], 0, 2, 3);

        Assert.Contains("another order", Assert.Throws<TissueDataException>(() => PalettePng.ReadMask(MaskPath, _two)).Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DamagedImages.Fail)]
    [InlineData(DamagedImages.Skip)]
    public void Load_OneOfTheMasksInAnotherOrder_IsAnErrorAndNotDamage(DamagedImages damaged)
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/a.png").Image("val/img/b.png");
        byte[] palette = [.. Bytes("FFFFFF"), .. DatasetBuilder.Classes.SelectMany(tissue => Bytes(tissue.Color.ToString()[1..]))];
        new PngBuilder { Width = 6, Height = 4, Samples = new byte[24], Palette = palette }.Write(files.PathOf("val/mask/b.png"));

        var exception = Assert.ThrowsAny<Exception>(() => Rows.Read<VBuffer<byte>>(files.Open().Load(DatasetBuilder.Context, DatasetSplit.Validation, damaged), TissueColumns.Mask));

        var fault = Assert.IsType<TissueDataException>(exception);
        Assert.Equal(files.PathOf("val/mask/b.png"), fault.FilePath);
        Assert.Contains("another order", fault.Message, StringComparison.Ordinal);
    }

    private static TissueClasses Classes(string? background, params string[] colors) => new(
        colors.Select((color, index) => new TissueClass($"class {index}", TissueColor.Parse($"#{color}"))),
        background is null ? null : new TissueClass("background", TissueColor.Parse($"#{background}")));

    private static IEnumerable<int[]> Permutations(int[] items) =>
        items.Length == 1 ? [items] : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));

    private static byte[] Bytes(string color) => Convert.FromHexString(color);

    private void Write(string[] palette, params byte[] indices) =>
        new PngBuilder { Width = indices.Length, Height = 1, Samples = indices, Palette = [.. palette.SelectMany(Bytes)] }.Write(MaskPath);
}
