using Microsoft.ML;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>A pattern of the user's own tells slides, and names that tell none are warned of.</summary>
public sealed class SourceRuleTests
{
    private const string Study = """{"name": "Study", "sourcePattern": "^(?:[^/]+/)?(?<source>[^_]+)_", """;

    [Fact]
    public void SourcePattern_OfDatasetJson_TellsSlides()
    {
        using var files = new DatasetBuilder(manifest: false).Text("dataset.json", Study + DatasetBuilder.Classes.ToJson().Trim()[1..]);
        files.Image("train/a/S1_4711_q-[1 0 0].png").Image("train/S1_4712_q-[1 0 0].png").Image("train/S2_4711_q-[1 0 0].png");

        var dataset = files.Open();

        Assert.Equal(["S1", "S1", "S2"], Rows.ReadText(dataset.Load(DatasetBuilder.Context, DatasetSplit.Train), TissueColumns.Source));
        Assert.Equal(2, dataset.Report(DatasetSplit.Train).SourceCount);
    }

    [Fact]
    public void SourcePattern_OfOptions_ComesBeforeThatOfDatasetJsonAndSeesFolders()
    {
        using var files = new DatasetBuilder(manifest: false).Text("dataset.json", Study + DatasetBuilder.Classes.ToJson().Trim()[1..]);
        files.Image("train/slide 7/0_0-[1 0 0].png").Image("train/slide 8/0_1-[1 0 0].png");

        var dataset = TissueDataset.Open(files.Folder, new TissueDatasetOptions { SourcePattern = "^(?<source>[^/]+)/" });

        Assert.Equal(["slide 7", "slide 8"], Rows.ReadText(dataset.Load(DatasetBuilder.Context, DatasetSplit.Train), TissueColumns.Source));
    }

    [Theory]
    [InlineData("(?<source>[a-z", "is no regular expression")]
    [InlineData("^([^_]+)_", "has no group named 'source'")]
    [InlineData("^(?<Source>[^_]+)_", "has no group named 'source'")]
    public void SourcePattern_Unfit_IsNamed(string pattern, string fault)
    {
        using var files = new DatasetBuilder().Image("train/a_0_0-[1 0 0].png");
        var inOptions = Assert.Throws<ArgumentException>(() => TissueDataset.Open(files.Folder, new TissueDatasetOptions { SourcePattern = pattern }));
        Assert.Contains(fault, inOptions.Message, StringComparison.Ordinal);

        files.Text("dataset.json", $$"""{"sourcePattern": "{{pattern}}", {{DatasetBuilder.Classes.ToJson().Trim()[1..]}}""");
        var inFile = Assert.Throws<TissueDataException>(files.Open);
        Assert.Contains(fault, inFile.Message, StringComparison.Ordinal);
        Assert.Equal(files.PathOf("dataset.json"), inFile.FilePath);
    }

    [Fact]
    public void SourcePattern_ThatFindsNoSlide_NamesTheFile()
    {
        using var files = new DatasetBuilder().Image("train/a_0-[1 0 0].png").Image("train/b-[1 0 0].png");

        var error = Assert.Throws<TissueDataException>(() => TissueDataset.Open(files.Folder, new TissueDatasetOptions { SourcePattern = "^(?<source>[a-z]+)_" }).Report(DatasetSplit.Train));

        Assert.Equal(files.PathOf("train/b-[1 0 0].png"), error.FilePath);
        Assert.Contains("finds no slide in 'b-[1 0 0]'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SourcePattern_ThatNeverEnds_IsStopped()
    {
        using var files = new DatasetBuilder().Image($"train/{new string('a', 60)}-[1 0 0].png");

        var error = Assert.Throws<TissueDataException>(() => TissueDataset.Open(files.Folder, new TissueDatasetOptions { SourcePattern = "^(?<source>(a+)+)$" }).Report(DatasetSplit.Train));

        Assert.Contains("takes more than 0.5 seconds", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("case{0}-[1 0 0].png", true)]
    [InlineData("case{0}_1-[1 0 0].png", true)]
    [InlineData("case1_{0}_7-[1 0 0].png", false)]
    public void Report_NearlyEveryPatchASlideOfItsOwn_Warns(string names, bool warned)
    {
        using var files = new DatasetBuilder();
        for (var i = 0; i < 12; i++)
        {
            files.Image("train/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, names, i));
        }

        var log = new List<string>();
        var ml = new MLContext();
        ml.Log += (_, entry) => log.Add(entry.Message);
        files.Open().Load(ml, DatasetSplit.Train);

        Assert.Equal(warned, files.Open().Report(DatasetSplit.Train).Warnings.Any(IsOfSlides));
        Assert.Equal(warned, log.Any(IsOfSlides));
        var told = TissueDataset.Open(files.Folder, new TissueDatasetOptions { SourcePattern = "(?<source>.+)" }).Report(DatasetSplit.Train);
        Assert.Equal(12, told.SourceCount);
        Assert.DoesNotContain(told.Warnings, IsOfSlides);

        static bool IsOfSlides(string warning) => warning.Contains("the 12 patches come from 12 slides", StringComparison.Ordinal);
    }

    [SharedDataFact]
    public void RealDatasets_HaveManyPatchesASlide()
    {
        foreach (var name in (string[])["glas", "wsss4luad"])
        {
            var report = TissueDataset.Open(Path.Combine(SharedDataFactAttribute.Folder(), name)).Report(DatasetSplit.Train);

            Assert.InRange(report.SourceCount, 10, report.PatchCount / 3);
            Assert.DoesNotContain(report.Warnings, warning => warning.Contains("slides", StringComparison.Ordinal));
        }
    }
}
