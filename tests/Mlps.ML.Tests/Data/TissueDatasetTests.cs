using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class TissueDatasetTests
{
    [Fact]
    public void Open_WithManifest_TakesNameAndClassesFromIt()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");

        var dataset = files.Open();

        Assert.Equal("Test tissue", dataset.Name);
        Assert.Equal(DatasetBuilder.Classes, dataset.Classes);
        Assert.True(dataset.Has(DatasetSplit.Train));
        Assert.False(dataset.Has(DatasetSplit.Validation));
    }

    /// <summary>Headers are read in blocks of 4,096 files, side by side.</summary>
    [Fact]
    public void Report_OfThousandsOfPatches_HasThemInOrderAndShareTheirLabels()
    {
        const int Count = 4_200, Damaged = 4_150;
        using var files = new DatasetBuilder().Image("source.png");
        var train = Path.GetDirectoryName(files.PathOf("train/x"))!;
        for (var number = 0; number < Count; number++)
        {
            File.Copy(files.PathOf("source.png"), Path.Combine(train, $"p{number:0000}-[{number % 2} 1 0].png"));
        }

        File.WriteAllText(Path.Combine(train, $"p{Damaged}-[0 1 0].png"), string.Empty);
        var dataset = files.Open();

        var report = dataset.Report(DatasetSplit.Train);
        var names = dataset.Load(new MLContext(), DatasetSplit.Train, _ => { }).GetColumn<string>("Name").ToArray();
        File.Delete(Path.Combine(train, $"p{Damaged}-[0 1 0].png"));
        var patches = files.Open().Patches(DatasetSplit.Train);

        Assert.Equal(Count - 1, report.PatchCount);
        Assert.Equal([Count / 2, Count - 1, 0], report.LabelCounts);
        Assert.Equal($"p{Damaged}-[0 1 0]", Assert.Single(report.Damaged).Patch.Name);
        Assert.Equal(Enumerable.Range(0, Count).Where(number => number != Damaged).Select(number => $"p{number:0000}-[{number % 2} 1 0]"), names);
        Assert.Equal(names, patches.Select(patch => patch.Name));
        Assert.Equal(2, patches.Select(patch => patch.Label).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public void Load_HeldOut_HasLabelsAndSlidesAndNoWarningsOfTraining()
    {
        using var files = new DatasetBuilder().Image("train/a_x0_y0-[1 0 0].png").Image("held-out/b_x0_y0-[0 1 1].png").Image("held-out/b_x1_y0-[0 1 0].png");
        var dataset = files.Open();

        var table = dataset.Load(DatasetBuilder.Context, DatasetSplit.HeldOut);

        Assert.True(dataset.Has(DatasetSplit.HeldOut));
        Assert.Equal(["b", "b"], Rows.ReadText(table, TissueColumns.Source));
        Assert.Equal([[false, true, true], [false, true, false]], Rows.Read<VBuffer<bool>>(table, TissueColumns.Label).Select(label => label.DenseValues().ToArray()));
        Assert.Null(table.Schema.GetColumnOrNull(TissueColumns.Mask));
        var report = dataset.Report(DatasetSplit.HeldOut);
        Assert.Equal((2, 1), (report.PatchCount, report.SourceCount));
        Assert.Empty(report.Warnings);
        Assert.Single(dataset.Patches(DatasetSplit.Train));
    }

    [Theory]
    [InlineData("LUAD-HistoSeg")]
    [InlineData("my copy of luad-histoseg v2")]
    public void Open_FolderNamedAfterLuad_TakesThePreset(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Folder($"{name}/train");

        var dataset = TissueDataset.Open(Path.Combine(folder.Path, name) + Path.DirectorySeparatorChar);

        Assert.Equal(TissueClasses.LuadHistoSeg, dataset.Classes);
        Assert.Equal("LUAD-HistoSeg", dataset.Name);
    }

    [Fact]
    public void Open_FolderNamedAfterBcss_TakesThePreset()
    {
        using var folder = new TemporaryFolder();
        folder.Folder("BCSS-WSSS/test");

        Assert.Equal(TissueClasses.BcssWsss, TissueDataset.Open(Path.Combine(folder.Path, "BCSS-WSSS")).Classes);
    }

    [Fact]
    public void Open_WithoutManifestOrPreset_SaysHowToWriteOne()
    {
        using var files = new DatasetBuilder(manifest: false).Image("train/a-[1 0 0].png");

        var exception = Assert.Throws<TissueDataException>(files.Open);

        Assert.Equal(files.PathOf("dataset.json"), exception.FilePath);
        var example = exception.Message[exception.Message.IndexOf('{', StringComparison.Ordinal)..(exception.Message.LastIndexOf('}') + 1)];
        Assert.Equal(["tumor", "stroma"], TissueClasses.FromJson(example).Names);
    }

    [Fact]
    public void Open_WithClasses_NeedsNoManifest()
    {
        using var files = new DatasetBuilder(manifest: false).Image("train/a-[1 0 0].png");

        Assert.Same(DatasetBuilder.Classes, TissueDataset.Open(files.Folder, DatasetBuilder.Classes).Classes);
    }

    [Fact]
    public void Open_MissingFolder_NamesIt()
    {
        var exception = Assert.Throws<TissueDataException>(() => TissueDataset.Open("no such folder"));

        Assert.Equal(Path.GetFullPath("no such folder"), exception.FilePath);
    }

    [Fact]
    public void Open_FolderWithoutSplits_SaysSo()
    {
        using var files = new DatasetBuilder();

        Assert.Contains("train, val and test", Assert.Throws<TissueDataException>(files.Open).Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "no JSON")]
    [InlineData("""{"name": "x"}""", "'classes' is missing")]
    [InlineData("""{"classes": [{"name": "a", "color": "red"}]}""", "'red'")]
    [InlineData("""{"classes": [{"name": "a"}]}""", "'color'")]
    [InlineData("""{"classes": []}""", "1 to 254")]
    [InlineData("""{"classes": [{"name": "a", "color": "#000000"}, {"name": "a", "color": "#000001"}]}""", "'a' occurs twice")]
    public void Open_BadManifest_NamesFileAndFault(string json, string fault)
    {
        using var files = new DatasetBuilder(manifest: false).Text("dataset.json", json).EmptyFolder("train");

        var exception = Assert.Throws<TissueDataException>(files.Open);

        Assert.Equal(files.PathOf("dataset.json"), exception.FilePath);
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_Train_AreFoundInFoldersOfAnyDepthInOrderOfTheirNames()
    {
        using var files = new DatasetBuilder()
            .Image("train/z-[0 0 1].png")
            .Image("train/slide 1/b-[1, 0, 1].png")
            .Image("train/slide 1/deep/a-[011].PNG");

        var patches = files.Open().Patches(DatasetSplit.Train);

        Assert.Equal(["a-[011]", "b-[1, 0, 1]", "z-[0 0 1]"], patches.Select(patch => patch.Name));
        Assert.Equal([false, true, true], patches[0].Label);
        Assert.Equal([true, false, true], patches[1].Label);
        Assert.Equal([false, false, true], patches[2].Label);
        Assert.All(patches, patch => Assert.Null(patch.MaskPath));
    }

    [Fact]
    public void Patches_Validation_PairsImagesAndMasksByStemInFoldersOfAnyDepth()
    {
        using var files = new DatasetBuilder()
            .Image("val/img/slide 1/a.png").Mask("val/mask/a.png")
            .Image("val/img/b.png").Mask("val/mask/elsewhere/b.png");

        var patches = files.Open().Patches(DatasetSplit.Validation);

        Assert.Equal(["a", "b"], patches.Select(patch => patch.Name));
        Assert.Equal([files.PathOf("val/mask/a.png"), files.PathOf("val/mask/elsewhere/b.png")], patches.Select(patch => patch.MaskPath));
        Assert.All(patches, patch => Assert.Null(patch.Label));
    }

    [Fact]
    public void Report_Orphans_AreNamedAndSkipped()
    {
        using var files = new DatasetBuilder()
            .Image("test/img/a.png").Mask("test/mask/a.png")
            .Image("test/img/b.png").Mask("test/mask/c.png");

        var dataset = files.Open();
        var report = dataset.Report(DatasetSplit.Test);

        Assert.Equal(["a"], dataset.Patches(DatasetSplit.Test).Select(patch => patch.Name));
        Assert.Equal(1, report.PatchCount);
        Assert.Equal([files.PathOf("test/img/b.png")], report.ImagesWithoutMask);
        Assert.Equal([files.PathOf("test/mask/c.png")], report.MasksWithoutImage);
        Assert.Equal(2, report.Warnings.Count);
    }

    [Fact]
    public void Report_StrayFiles_AreNamedAndIgnored()
    {
        using var files = new DatasetBuilder()
            .Image("train/a-[1 0 0].png")
            .Text("train/.DS_Store", "x").Text("train/sub/Thumbs.db", "x").Text("train/notes.txt", "x")
            .Image("train/._a-[1 0 0].png").Image("train/.cache/a-[1 0 0].png").Image("train/__MACOSX/a-[1 0 0].png");

        var report = files.Open().Report(DatasetSplit.Train);

        Assert.Equal(1, report.PatchCount);
        Assert.Equal(
            [".DS_Store", "._a-[1 0 0].png", ".cache", "__MACOSX", "notes.txt", "sub/Thumbs.db"],
            report.OtherFiles.Select(path => Path.GetRelativePath(Path.Combine(files.Folder, "train"), path).Replace('\\', '/')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Report_Train_CountsLabelsAndKnowsTheSize()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png").Image("train/b-[1 1 0].png");

        var report = files.Open().Report(DatasetSplit.Train);

        Assert.Equal((4, 6), report.PatchSize);
        Assert.Equal([2, 1, 0], report.LabelCounts);
        Assert.Contains(report.Warnings, warning => warning.Contains("No training patch has 'normal'", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.Contains("Every training patch has 'tumor'", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_FilesLeftOut_WarnsInTheContextsLog()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png").Text("train/Thumbs.db", "x");
        var context = new MLContext();
        var messages = new List<string>();
        context.Log += (_, message) => messages.Add(message.Message);

        files.Open().Load(context, DatasetSplit.Train);

        Assert.Contains(messages, message => message.Contains("Thumbs.db", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("train/b-[1 0 0].jpg", LeftOutReason.OtherFormat)]
    [InlineData("train/b-[1 0 0].tif", LeftOutReason.OtherFormat)]
    [InlineData("train/notes.md", LeftOutReason.NoImage)]
    public void Report_FileLeftOut_SaysWhy(string path, LeftOutReason reason)
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png").Text(path, "x");

        var report = files.Open().Report(DatasetSplit.Train);

        Assert.Equal(new LeftOutFile(files.PathOf(path), reason, string.Empty), Assert.Single(report.LeftOut));
        Assert.Contains(report.Warnings, warning => warning.Contains(path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("test/img/gr\u00F6\u00DFe.png", "test/mask/gro\u0308\u00DFe.png")]
    [InlineData("test/img/e\u0301.png", "test/mask/\u00E9.png")]
    [InlineData("test/img/\uAC01.png", "test/mask/\u1100\u1161\u11A8.png")]
    public void Patches_NamesInEitherUnicodeForm_ArePairs(string image, string mask)
    {
        using var files = new DatasetBuilder().Image(image).Mask(mask);

        var patch = Assert.Single(files.Open().Patches(DatasetSplit.Test));

        Assert.Equal(files.PathOf(image), patch.ImagePath);
        Assert.Equal(files.PathOf(mask), patch.MaskPath);
    }

    [Fact]
    public void Load_Cancelled_Stops()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");

        Assert.Throws<OperationCanceledException>(() => files.Open().Load(DatasetBuilder.Context, DatasetSplit.Train, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void LoadImages_AnySizes_NamesThemByTheirPathWithinTheFolder()
    {
        using var files = new DatasetBuilder().Image("in/a.png").Image("in/sub/b.png", width: 9).Text("in/readme.md", "x");

        var table = TissueDataset.LoadImages(DatasetBuilder.Context, Path.Combine(files.Folder, "in"));

        Assert.Equal([TissueColumns.Name, TissueColumns.ImagePath, TissueColumns.Image], table.Schema.Select(column => column.Name));
        Assert.Equal(["a", "sub/b"], Rows.ReadText(table, TissueColumns.Name));
        Assert.Equal([6, 9], Rows.Read<MLImage>(table, TissueColumns.Image).Select(image => image.Width));
    }

    [Fact]
    public void LoadImages_NamesThatDifferInExtensionOnly_KeepIt()
    {
        using var files = new DatasetBuilder().Image("in/a.png").Image("in/a.bmp").Image("in/b.png");

        var table = TissueDataset.LoadImages(DatasetBuilder.Context, Path.Combine(files.Folder, "in"));

        Assert.Equal(["a.bmp", "a.png", "b"], Rows.ReadText(table, "Name"));
    }

    [Fact]
    public void LoadImages_NoImages_SaysSo()
    {
        using var files = new DatasetBuilder().Text("in/readme.md", "x");

        Assert.Throws<TissueDataException>(() => TissueDataset.LoadImages(DatasetBuilder.Context, Path.Combine(files.Folder, "in")));
    }
}
