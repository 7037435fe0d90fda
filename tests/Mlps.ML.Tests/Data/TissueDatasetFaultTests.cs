using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Folders that are not as they should be.</summary>
public sealed class TissueDatasetFaultTests
{
    [Theory]
    [InlineData("a.png", "no label")]
    [InlineData("a-[].png", "0 digits")]
    [InlineData("a-[1 0].png", "2 digits")]
    [InlineData("a-[1 0 0 1].png", "4 digits")]
    [InlineData("a-[1 2 0].png", "'2'")]
    [InlineData("a-[x00].png", "'x'")]
    [InlineData("a-[10 0].png", "'10'")]
    [InlineData("[1 0 0]-a[1 0].png", "2 digits")]
    public void Patches_BadLabel_NamesFileAndRule(string file, string rule)
    {
        using var files = new DatasetBuilder().Image($"train/{file}");

        var exception = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train));

        Assert.Equal(files.PathOf($"train/{file}"), exception.FilePath);
        Assert.Contains(rule, exception.Rule, StringComparison.Ordinal);
        Assert.Contains("[1 0 0].png", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"color\": \"#010203\"", "\"color\": \"{0}\"")]
    [InlineData("\"classes\"", "\"sourcePattern\": \"{0}\", \"classes\"")]
    [InlineData("\"classes\"", "\"sourcePattern\": \"({0}\", \"classes\"")]
    [InlineData("\"classes\"", "\"micronsPerPixel\": \"{0}\", \"classes\"")]
    public void Open_LongTextInTheManifest_IsRefusedAndNotPrinted(string text, string other)
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");
        var manifest = File.ReadAllText(files.PathOf("dataset.json"));
        files.Text("dataset.json", manifest.Replace(text, other.Replace("{0}", new string('x', 200_000), StringComparison.Ordinal), StringComparison.Ordinal));

        var exception = Assert.Throws<TissueDataException>(files.Open);

        Assert.Equal(files.PathOf("dataset.json"), exception.FilePath);
        Assert.InRange(exception.Message.Length, 0, 3000);
    }

    [Fact]
    public void Open_ManifestOfManyMegabytes_IsRefusedUnread()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");
        files.Text("dataset.json", File.ReadAllText(files.PathOf("dataset.json")) + new string(' ', 17 << 20));

        var exception = Assert.Throws<TissueDataException>(files.Open);

        Assert.Equal(files.PathOf("dataset.json"), exception.FilePath);
        Assert.Contains("where 16777216 are the most", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_TwoFilesOfOneStem_NamesBoth()
    {
        using var files = new DatasetBuilder().Image("train/1/a-[1 0 0].png").Image("train/2/a-[1 0 0].png");

        var exception = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train));

        Assert.Equal(files.PathOf("train/2/a-[1 0 0].png"), exception.FilePath);
        Assert.Contains(files.PathOf("train/1/a-[1 0 0].png"), exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_TwoMasksOfOneStem_NamesBoth()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/1/a.png").Mask("val/mask/2/a.png");

        Assert.Equal(files.PathOf("val/mask/2/a.png"), Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Validation)).FilePath);
    }

    [Fact]
    public void Patches_MissingMaskFolder_NamesIt()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png");

        Assert.Equal(Path.Combine(files.Folder, "val", "mask"), Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Validation)).FilePath);
    }

    [Theory]
    [InlineData(DatasetSplit.Train, "train")]
    [InlineData(DatasetSplit.Validation, "val/img")]
    [InlineData(DatasetSplit.Test, "test/img")]
    public void Patches_EmptyFolder_NamesIt(DatasetSplit split, string folder)
    {
        using var files = new DatasetBuilder().EmptyFolder("train").EmptyFolder("val/img").EmptyFolder("val/mask").EmptyFolder("test/img").EmptyFolder("test/mask");

        Assert.Equal(Path.Combine([files.Folder, .. folder.Split('/')]), Assert.Throws<TissueDataException>(() => files.Open().Patches(split)).FilePath);
    }

    [Theory]
    [InlineData("train/a-[1 0 0].jpg")]
    [InlineData("train/a-[1 0 0].jpeg")]
    [InlineData("train/sub/a-[1 0 0].tif")]
    public void Patches_OtherFormatsOnly_SaysWhichLieThere(string path)
    {
        using var files = new DatasetBuilder().Text(path, "x").Text("train/readme.txt", "x");

        var rule = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train)).Rule;

        Assert.Equal($"The folder holds no PNG files, but 1 in other formats ({Path.GetExtension(path)}), such as {Path.GetFileName(path)}.", rule);
    }

    [Fact]
    public void Patches_TwoStemsThatDifferInUnicodeFormOnly_NamesBoth()
    {
        using var files = new DatasetBuilder().Image("train/1/\u00E9-[1 0 0].png").Image("train/2/e\u0301-[1 0 0].png");

        var exception = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train));

        Assert.Contains(files.PathOf("train/1/\u00E9-[1 0 0].png"), exception.Message, StringComparison.Ordinal);
        Assert.Contains(files.PathOf("train/2/e\u0301-[1 0 0].png"), exception.Message, StringComparison.Ordinal);
        Assert.Contains("Unicode form", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_MissingSplit_NamesItsFolder()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");

        Assert.Equal(Path.Combine(files.Folder, "val"), Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Validation)).FilePath);
    }

    [Fact]
    public void Patches_NoImageHasAMask_SaysSo()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/b.png");

        Assert.Contains("stem", Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Validation)).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_MixedSizes_NamesTheOddOneAndBothSizes()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png").Image("train/b-[1 0 0].png", width: 5);

        var exception = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train));

        Assert.Equal(files.PathOf("train/b-[1 0 0].png"), exception.FilePath);
        Assert.Contains("5 x 4", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("6 x 4", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_MaskOfAnotherSizeThanItsImage_NamesTheMask()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/a.png", width: 4, height: 6);

        var exception = Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Validation));

        Assert.Equal(files.PathOf("val/mask/a.png"), exception.FilePath);
        Assert.Contains("4 x 6", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_FileThatIsNoPng_NamesIt()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png").Text("train/b-[1 0 0].png", "no image at all");

        Assert.Equal(files.PathOf("train/b-[1 0 0].png"), Assert.Throws<TissueDataException>(() => files.Open().Patches(DatasetSplit.Train)).FilePath);
    }

    [Fact]
    public void Patches_AfterTheFaultIsMended_AreRead()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0].png");
        var dataset = files.Open();
        Assert.Throws<TissueDataException>(() => dataset.Patches(DatasetSplit.Train));
        File.Move(files.PathOf("train/a-[1 0].png"), files.PathOf("train/a-[1 0 0].png"));

        Assert.Single(dataset.Patches(DatasetSplit.Train));
    }
}
