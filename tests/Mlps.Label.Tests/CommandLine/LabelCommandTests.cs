using Microsoft.ML.Data;
using Mlps.Label.Tests.Browser;
using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.CommandLine;

/// <summary>The command as a process of its own, without a browser.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ImportAndExport_InOneCommand_MakeADatasetOfATable()
    {
        var patches = PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png", "b_x0_y0.png");
        File.WriteAllText(_folder.File("table.csv"), "file,labels\na_x0_y0.png,tumor;bone\na_x1_y0.png,bone\nb_x0_y0.png,tumor\n");

        var (code, output) = LabelProcess.Run("label", "--patches", patches, "--classes", "tumor,bone", "--colors", "#010203,040506", "--import", _folder.Combine("table.csv"), "--person", "Dr. Old", "--export", _folder.Combine("dataset"), "--held-out", "0");

        Assert.True(code == 0, output);
        Assert.Contains("3 labels of Dr. Old", output, StringComparison.Ordinal);
        Assert.Contains("warning: tumor occurs in 2 training patches: 198 are missing", output, StringComparison.Ordinal);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        Assert.Equal(new TissueClasses([new("tumor", new(1, 2, 3)), new("bone", new(4, 5, 6))]), dataset.Classes);
        Assert.Equal(3, dataset.Report(DatasetSplit.Train).PatchCount);
    }

    [Fact]
    public void ImportAndExport_OfOnePerson_ExportsTheLabelsOfThisPersonAlone()
    {
        var patches = PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png");
        File.WriteAllText(_folder.File("ben.csv"), "file,labels\na_x0_y0.png,bone\na_x1_y0.png,bone\n");
        File.WriteAllText(_folder.File("anna.csv"), "file,labels\na_x0_y0.png,tumor\n");
        Assert.Equal(0, LabelProcess.Run("label", "--patches", patches, "--classes", "tumor,bone", "--import", _folder.Combine("ben.csv")).ExitCode);

        var (code, output) = LabelProcess.Run("label", "--patches", patches, "--import", _folder.Combine("anna.csv"), "--person", "Anna", "--export", _folder.Combine("dataset"), "--held-out", "0");

        Assert.True(code == 0, output);
        Assert.Equal(["a_x0_y0-[1 0]"], TissueDataset.Open(_folder.Combine("dataset")).Patches(DatasetSplit.Train).Select(patch => patch.Name));
    }

    [Fact]
    public void ImportRegions_AFolderOfTwoSlides_LabelsTheirPatches()
    {
        DrawSlides();
        foreach (var (slide, tissue) in new[] { ("a", "tumor"), ("b", "stroma") })
        {
            File.WriteAllText(_folder.File($"regions/{slide}.geojson"), $$$"""{"type": "Feature", "properties": {"classification": {"name": "{{{tissue}}}"}}, "geometry": {"type": "Polygon", "coordinates": [[[0,0],[11,0],[11,10],[0,10],[0,0]]]}}""");
        }

        var (code, output) = LabelProcess.Run(
            "label", "--patches", _folder.Combine("patches"), "--classes", "tumor,stroma", "--import-regions", _folder.Combine("regions"), "--slide-mpp", "1", "--share", "0.2", "--person", "QuPath", "--export", _folder.Combine("dataset"), "--held-out", "0");

        // The second patch of each slide is covered to a tenth, and so is not known.
        Assert.True(code == 0, output);
        Assert.Contains("2 labels of QuPath", output, StringComparison.Ordinal);
        Assert.Equal(["a_x0_y0-[1 0]", "b_x0_y0-[0 1]"], TissueDataset.Open(_folder.Combine("dataset")).Patches(DatasetSplit.Train).Select(patch => patch.Name));
    }

    [Fact]
    public void ImportRegions_OneFileForTwoSlides_SaysWhatToGive()
    {
        DrawSlides();
        File.WriteAllText(_folder.File("regions.geojson"), """{"type": "FeatureCollection", "features": []}""");

        var (code, output) = LabelProcess.Run("label", "--patches", _folder.Combine("patches"), "--classes", "tumor,stroma", "--import-regions", _folder.Combine("regions.geojson"), "--slide-mpp", "1");

        Assert.Equal(1, code);
        Assert.Contains("The patches come from 2 slides, and one file has the regions of one.", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Combine("patches", "labels"), "*.jsonl"));
    }

    [Fact]
    public void Classes_GivenAgainWithoutColoursAndBackground_KeepThose()
    {
        var patches = PatchesOf(_folder, "a.png");
        File.WriteAllText(_folder.File("table.csv"), "file,labels\na.png,tumor\n");
        string[] command = ["label", "--patches", patches, "--import", _folder.Combine("table.csv")];
        Assert.Equal(0, LabelProcess.Run([.. command, "--classes", "tumor,bone", "--colors", "#010203,040506", "--background", "glass"]).ExitCode);
        var first = Stored();
        Assert.Equal(("glass", new TissueColor(1, 2, 3)), (first.Background!.Name, first[0].Color));

        Assert.Equal(0, LabelProcess.Run([.. command, "--classes", "tumor,bone"]).ExitCode);
        Assert.Equal(first, Stored());

        Assert.Equal(0, LabelProcess.Run([.. command, "--classes", "tumor,bone", "--colors", "#0A0B0C,040506"]).ExitCode);
        Assert.Equal(("glass", new TissueColor(10, 11, 12)), (Stored().Background?.Name, Stored()[0].Color));

        Assert.Equal(0, LabelProcess.Run([.. command, "--classes", "tumor,bone", "--background", "none"]).ExitCode);
        Assert.Equal(("none", new TissueColor(10, 11, 12)), (Stored().Background?.Name, Stored()[0].Color));

        TissueClasses Stored() => TissueClasses.FromJson(File.ReadAllText(_folder.Combine("patches", "labels", "classes.json")));
    }

    [Theory]
    [InlineData("patches", "patches")]
    [InlineData("patches", "patches/dataset")]
    [InlineData("patches", "patches/../patches/new/dataset")]
    [InlineData("patches", "link/dataset")]
    [InlineData("link", "patches/dataset")]
    [InlineData("patches/train", "patches")]
    public void Export_FolderAmongThePatches_IsRefusedBeforeAnythingIsWritten(string patches, string export)
    {
        PatchesOf(_folder, "train/a_x0_y0.png");
        Directory.CreateSymbolicLink(_folder.Combine("link"), "patches");
        File.WriteAllText(_folder.File("table.csv"), $"file,labels\n{(patches == "patches/train" ? string.Empty : "train/")}a_x0_y0.png,tumor\n");
        var before = Everything();

        var (code, output) = LabelProcess.Run("label", "--patches", _folder.Combine(patches), "--classes", "tumor,bone", "--import", _folder.Combine("table.csv"), "--export", _folder.Combine(export));

        Assert.Equal(1, code);
        Assert.Contains("--export", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Export_AnOlderOneAmongThePatches_IsNamedWithWhatToDo()
    {
        var patches = PatchesOf(_folder, "a_x0_y0.png", "dataset/train/a_x0_y0-[1 0].png");
        File.WriteAllText(_folder.File("patches/dataset/label-export.json"), """{"files": ["train/a_x0_y0-[1 0].png"]}""");
        File.WriteAllText(_folder.File("table.csv"), "file,labels\na_x0_y0.png,tumor\n");

        var (code, output) = LabelProcess.Run("label", "--patches", patches, "--classes", "tumor,bone", "--export", _folder.Combine("patches", "dataset"));
        Assert.Equal(1, code);
        Assert.Contains("Move it out of the patches", output, StringComparison.Ordinal);

        (code, output) = LabelProcess.Run("label", "--patches", patches, "--classes", "tumor,bone", "--import", _folder.Combine("table.csv"));
        Assert.Equal(0, code);
        Assert.Contains("dataset is an export of labels", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void ImportRegions_SlidesOfUnknownSize_NamesOnlyOptionsOfThisCommand()
    {
        DrawSlides();
        File.WriteAllText(_folder.File("regions/a.geojson"), """{"type": "FeatureCollection", "features": []}""");

        var (code, output) = LabelProcess.Run("label", "--patches", _folder.Combine("patches"), "--classes", "tumor,stroma", "--import-regions", _folder.Combine("regions"));

        Assert.Equal(1, code);
        Assert.Contains("--slide-mpp", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--mpp-of", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--import and --import-regions", "--classes", "a,b", "--import", "table.csv", "--import-regions", "regions.geojson")]
    [InlineData("--share is 0; it must be above 0 and at most 1.", "--import-regions", "regions.geojson", "--share", "0")]
    [InlineData("--masks", "--masks", "0")]
    [InlineData("--held-out is 1; it must be from 0 to below 1.", "--held-out", "1")]
    [InlineData("--listen 'everywhere' is no address", "--listen", "everywhere")]
    [InlineData("--colors has 1 colours, and --classes 2 tissues", "--classes", "a,b", "--colors", "#FFFFFF")]
    public void Options_OutsideTheirRange_AreRefused(string expected, params string[] options)
    {
        var (code, output) = LabelProcess.Run(["label", "--patches", PatchesOf(_folder, "a.png"), .. options]);

        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("patches", "labels")));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Everything() => [.. Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Two slides of 20 x 10 px, with two patches each.</summary>
    private void DrawSlides()
    {
        var table = "file,slide,x,y,size,mpp,tissue\n";
        foreach (var slide in new[] { "a", "b" })
        {
            using var image = MLImage.CreateFromPixels(20, 10, MLPixelFormat.Bgra32, new byte[20 * 10 * 4]);
            image.Save(_folder.File($"slides/{slide}.png"));
            foreach (var x in new[] { 0, 10 })
            {
                PatchesOf(_folder, $"{slide}_x{x}_y0.png");
                table += $"{slide}_x{x}_y0.png,{_folder.Combine("slides", $"{slide}.png")},{x},0,10,1,1\n";
            }
        }

        File.WriteAllText(_folder.File("patches/patches.csv"), table);
    }
}
