using System.Security.Cryptography;
using System.Text;
using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Masks;

/// <summary>Masks on disk: whole, each person's own, under names that nobody chooses.</summary>
public sealed class MaskFolderTests : IDisposable
{
    private static readonly byte _open = DrawnMask.NoAnswer(Classes);

    private readonly TemporaryFolder _folder = new();
    private readonly MaskFolder _masks;
    private readonly PatchFile _patch;

    public MaskFolderTests()
    {
        Directory.CreateDirectory(_folder.Combine("labels"));
        _masks = new MaskFolder(_folder.Combine("labels"), Classes);
        _patch = Patch("case 1/a_x0_y0.png");
    }

    [Fact]
    public void Save_TwoPeople_EachHasTheirOwn()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));
        _masks.Save("Ben", _patch, Mask(2, 2, _open, _open));

        Assert.Equal([0, 1, 2, 3], _masks.Find("ANNA", _patch)!.Indices);
        Assert.Equal([2, 2, _open, _open], _masks.Find("Ben", _patch)!.Indices);
        Assert.Null(_masks.Find("Cleo", _patch));
        Assert.Null(_masks.Find("Anna", Patch("b.png")));
        Assert.Equal([MaskFolder.FileName(_patch.Key)], _masks.FileNames("Anna"));
        var stored = PalettePng.Read(Assert.Single(Directory.GetFiles(_masks.Folder, "anna*.png", SearchOption.AllDirectories).Concat(Directory.GetFiles(Directory.GetDirectories(_masks.Folder, "anna-*").Single()))));
        Assert.Equal(Classes.Palette, stored.Palette.Take(Classes.Count + 1));
    }

    [Theory]
    [InlineData("../../etc/passwd.png")]
    [InlineData("a <script>alert('1')<script>.png")]
    [InlineData("..png")]
    [InlineData("con.png")]
    [InlineData("Größe/ß.png")]
    public void FileName_OfAnyPatch_IsLettersDigitsAndADigest(string patch)
    {
        Assert.Matches("^[a-z0-9]+-[0-9a-f]{16}\\.png$", MaskFolder.FileName(patch));
        Assert.NotEqual(MaskFolder.FileName(patch), MaskFolder.FileName(patch + "x"));
        Assert.True(MaskFolder.FileName(new string('x', 4000)).Length < 100);
    }

    [Fact]
    public void FileName_SameLetters_DiffersByTheDigest() => Assert.NotEqual(MaskFolder.FileName("case/1_2.png"), MaskFolder.FileName("case1/2.png"));

    [Theory]
    [InlineData("../../x")]
    [InlineData("/etc")]
    [InlineData("Anna/..")]
    public void Save_PersonWhoseNameIsAPath_StaysInTheFolder(string person)
    {
        _masks.Save(person, _patch, Mask(0, 1, 2, 3));

        var file = Assert.Single(Directory.GetFiles(_folder.Combine("labels"), "*.png", SearchOption.AllDirectories));
        Assert.Equal(_masks.Folder, Path.GetDirectoryName(Path.GetDirectoryName(file)));
        Assert.Empty(Directory.GetFiles(_folder.Combine("labels"), "*.png"));
    }

    [Fact]
    public void Save_WithoutAnyAnswer_RemovesTheMask()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));
        _masks.Save("Anna", _patch, Mask(_open, _open, _open, _open));

        Assert.Null(_masks.Find("Anna", _patch));
        Assert.Empty(_masks.FileNames("Anna"));
    }

    [Fact]
    public void Save_IndexThatMeansNothing_IsRefusedAndTheOldMaskStays()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));

        Assert.Contains("(1, 1)", Assert.Throws<FormatException>(() => _masks.Save("Anna", _patch, Mask(0, 1, 2, (byte)(_open + 1)))).Message, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 3], _masks.Find("Anna", _patch)!.Indices);
    }

    [Fact]
    public void Save_AfterASaveThatWasKilled_LeavesTheNewMaskAlone()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));
        var path = Directory.GetFiles(Directory.GetDirectories(_masks.Folder).Single()).Single();
        var torn = $".mlps-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(path))))[..8]}-0123456789abcdef.tmp";
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, torn), "half a mask");
        Assert.Equal([0, 1, 2, 3], _masks.Find("Anna", _patch)!.Indices);
        Assert.Single(_masks.FileNames("Anna"));

        _masks.Save("Anna", _patch, Mask(1, 1, 1, 1));

        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Find_DamagedOrOfAnotherSize_NamesTheFile()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));
        var path = Directory.GetFiles(Directory.GetDirectories(_masks.Folder).Single()).Single();

        PalettePng.Write(path, new byte[6], 3, 2, [.. Classes.Palette]);
        Assert.Contains("3 x 2 pixels", Fault(), StringComparison.Ordinal);
        PalettePng.Write(path, [0, 1, 2, 5], 2, 2, [.. Classes.Palette, new(1, 1, 1), new(2, 2, 2)]);
        Assert.Contains("(1, 1)", Fault(), StringComparison.Ordinal);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..40]);
        Assert.StartsWith(path, Fault(), StringComparison.Ordinal);

        string Fault() => Assert.Throws<TissueDataException>(() => _masks.Find("Anna", _patch)).Message;
    }

    [Fact]
    public void Masks_InAFolderThatIsTakenForPatches_AreNone()
    {
        _masks.Save("Anna", _patch, Mask(0, 1, 2, 3));
        PatchesOf(_folder, "labels/x.png");

        Assert.Throws<TissueDataException>(() => PatchList.Open(_folder.Combine("labels"), _folder.Combine("other"), null, CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    private static DrawnMask Mask(params byte[] indices) => new(2, 2, indices);

    /// <summary>A patch of 2 x 2 pixels.</summary>
    private PatchFile Patch(string key)
    {
        PalettePng.Write(_folder.File($"patches/{key}"), new byte[4], 2, 2, [TissueColor.White]);
        return new PatchFile(0, key, _folder.Combine("patches", key), "s");
    }
}
