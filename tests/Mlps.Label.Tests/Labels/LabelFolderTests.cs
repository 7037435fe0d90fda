using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Labels;

/// <summary>Labels on disk: what is stored is there after any end of the program.</summary>
public sealed class LabelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Append_ThenOpenedAgain_HasTheLastAnswerOfEachPatch()
    {
        using (var labels = Open())
        {
            labels.Append("Anna", Answer("a.png", 0b001), seconds: 2.5);
            labels.Append("Anna", Answer("b <'\"&.png", 0b110));
            labels.Append("Anna", Answer("a.png", 0b100));
            labels.Append("Ben", Answer("a.png", null));
        }

        using var again = LabelFolder.Open(_folder.Combine("labels"), (TissueChoice?)null);

        Assert.Equal(["Anna", "Ben"], again.People);
        Assert.Equal(2, again.Count("anna"));
        Assert.Equal(0b100u, again.Find("Anna", "a.png")!.Tissues);
        Assert.Equal(0b110u, again.Find("Anna", "b <'\"&.png")!.Tissues);
        Assert.Null(again.Find("Ben", "a.png")!.Tissues);
        Assert.Empty(again.Faults);
        Assert.Equal(Classes, again.Classes);
    }

    [Fact]
    public void Undo_IsOneMoreLine_AndGivesTheAnswerBefore()
    {
        long length;
        using (var labels = Open())
        {
            labels.Append("Anna", Answer("a.png", 1));
            labels.Append("Anna", Answer("b.png", 2));
            labels.Append("Anna", Answer("a.png", 4));
            length = new FileInfo(FileOf("Anna")).Length;

            Assert.Equal("a.png", labels.Undo("Anna", _ => true)!.Patch);
            Assert.Equal(1u, labels.Find("Anna", "a.png")!.Tissues);
            Assert.Equal("b.png", labels.Undo("Anna", _ => true)!.Patch);
            Assert.Null(labels.Find("Anna", "b.png"));
        }

        Assert.True(new FileInfo(FileOf("Anna")).Length > length);
        using var again = Open();
        Assert.Equal(1, again.Count("Anna"));
        Assert.Equal(1u, again.Find("Anna", "a.png")!.Tissues);
        Assert.NotNull(again.Undo("Anna", _ => true));
        Assert.Null(again.Undo("Anna", _ => true));
        Assert.Null(again.Undo("nobody", _ => true));
    }

    [Fact]
    public void Open_FileCutAtEveryByteOfTheLastAnswer_LosesNothingElse()
    {
        using (var labels = Open())
        {
            labels.Append("Anna", Answer("a.png", 1));
            labels.Append("Anna", Answer("ä.png", 3));
        }

        var bytes = File.ReadAllBytes(FileOf("Anna"));
        var lastLine = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        for (var length = lastLine + 1; length < bytes.Length; length++)
        {
            File.WriteAllBytes(FileOf("Anna"), bytes[..length]);
            using (var torn = Open())
            {
                // Only the line feed is missing from the longest.
                var isWhole = length == bytes.Length - 1;
                Assert.Equal(isWhole ? 2 : 1, torn.Count("Anna"));
                Assert.Equal(isWhole ? 0 : 1, torn.Faults.Count);
                torn.Append("Anna", Answer("c.png", 2));
            }

            using var again = Open();
            Assert.Empty(again.Faults);
            Assert.Equal(1u, again.Find("Anna", "a.png")!.Tissues);
            Assert.Equal(2u, again.Find("Anna", "c.png")!.Tissues);
            Assert.StartsWith(Convert.ToHexString(bytes[..length]), Convert.ToHexString(File.ReadAllBytes(FileOf("Anna"))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_DamagedLineInTheMiddle_IsNamedAndTheOthersCount()
    {
        using (var labels = Open())
        {
            labels.Append("Anna", Answer("a.png", 1));
            labels.Append("Anna", Answer("b.png", 1));
        }

        var lines = File.ReadAllLines(FileOf("Anna"));
        lines[1] = "{\"patch\":\"a.png\",\"tissues\":[\"bone\"],\"at\":\"2026-01-01T00:00:00Z\"}";
        File.WriteAllLines(FileOf("Anna"), lines);

        using var again = Open();

        Assert.Equal(1, again.Count("Anna"));
        Assert.Contains("Line 2 is left out: The tissue 'bone'", Assert.Single(again.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithOtherTissues_IsRefused_AndWithOtherColoursIsNot()
    {
        Open().Dispose();

        var error = Assert.Throws<TissueDataException>(() => LabelFolder.Open(_folder.Combine("labels"), new TissueClasses([new("gland", new(1, 2, 3))])));
        Assert.Contains("tumor, stroma, lymphocyte", error.Message, StringComparison.Ordinal);

        TissueClasses colours = new(Classes.Select((tissue, index) => tissue with { Color = new((byte)index, 0, 0) }));
        LabelFolder.Open(_folder.Combine("labels"), colours).Dispose();
        using var again = LabelFolder.Open(_folder.Combine("labels"), (TissueChoice?)null);
        Assert.Equal(colours, again.Classes);
    }

    [Fact]
    public void Open_WithoutTissuesOrWhileInUse_IsRefused()
    {
        Assert.Contains("--classes", Assert.Throws<TissueDataException>(() => LabelFolder.Open(_folder.Combine("labels"), (TissueChoice?)null)).Message, StringComparison.Ordinal);
        using var labels = Open();

        Assert.Contains("Another mlps label", Assert.Throws<TissueDataException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b\\c:d")]
    [InlineData("CON")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("李医生")]
    public void Append_NameThatWouldBeAPath_IsAFileInTheFolder(string name)
    {
        using (var labels = Open())
        {
            labels.Append(name, Answer("a.png", 1));
        }

        var file = Path.GetFileName(Assert.Single(Directory.GetFiles(_folder.Path, "*.jsonl", SearchOption.AllDirectories)));
        Assert.Matches("^[a-z0-9]+-[0-9a-f]{12}\\.jsonl$", file);
        using var again = Open();
        Assert.Equal([name], again.People);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\u0000b")]
    [InlineData("a\u202eb")]
    public void Append_NameThatCannotBeSeen_IsRefused(string name)
    {
        using var labels = Open();

        Assert.Throws<FormatException>(() => labels.Append(name, Answer("a.png", 1)));
        Assert.Throws<FormatException>(() => PersonName.Checked(new string('a', PersonName.MaximumLength + 1)));
    }

    public void Dispose() => _folder.Dispose();

    private LabelFolder Open() => LabelFolder.Open(_folder.Combine("labels"), Classes);

    private string FileOf(string name) => _folder.Combine("labels", PersonName.FileName(name));
}
