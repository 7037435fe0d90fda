using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class SlideRecordTests
{
    private static readonly Dictionary<string, string> _settings = new() { ["overlap"] = "0.5", ["mpp"] = "0.5" };

    [Fact]
    public void A_record_comes_back_from_its_file()
    {
        using var folder = new TemporaryFolder();
        var record = Record(folder);
        record.Write(folder.File(SlideRecord.FileName));
        var read = SlideRecord.Read(folder.File(SlideRecord.FileName))!;
        Assert.Equal(record.Areas, read.Areas);
        Assert.Equal(record.Settings.OrderBy(setting => setting.Key), read.Settings.OrderBy(setting => setting.Key));
        Assert.Equal(record.Annotations, read.Annotations);
        Assert.Contains("\"state\": \"Finished\"", File.ReadAllText(folder.File(SlideRecord.FileName)), StringComparison.Ordinal);
        read.Write(folder.File("again.json"));
        Assert.Equal(File.ReadAllText(folder.File(SlideRecord.FileName)), File.ReadAllText(folder.File("again.json")));
    }

    [Fact]
    public void A_slide_is_finished_by_the_same_model_and_settings_and_whole_files_only()
    {
        using var folder = new TemporaryFolder();
        var record = Record(folder);
        Assert.True(record.IsFinished("abc", _settings, folder.Path));
        Assert.False(record.IsFinished("abd", _settings, folder.Path));
        Assert.False(record.IsFinished("abc", new Dictionary<string, string>(_settings) { ["mpp"] = "1" }, folder.Path));
        Assert.False(record.IsFinished("abc", new Dictionary<string, string>(_settings) { ["more"] = "1" }, folder.Path));
        Assert.False((record with { State = SlideState.Failed }).IsFinished("abc", _settings, folder.Path));
        File.AppendAllText(folder.File("mask.tif"), "more");
        Assert.False(record.IsFinished("abc", _settings, folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"format\": 1, \"name\": \"a\"")]
    [InlineData("{\"format\": 2, \"name\": \"a\", \"file\": \"a.svs\", \"state\": \"Finished\"}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"format\": 1, \"name\": \"a\", \"file\": \"a.svs\", \"state\": \"Finished\", \"settings\": null}")]
    [InlineData("{\"format\": 1, \"name\": \"a\", \"file\": \"a.svs\", \"state\": \"Failed\", \"state\": \"Finished\"}")]
    public void What_is_not_whole_is_none(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("slide.json"), text);
        Assert.Null(SlideRecord.Read(folder.File("slide.json")));
        Assert.Null(SlideRecord.Read(folder.Combine("none.json")));
    }

    [Fact]
    public void A_folder_has_a_table_of_all_and_a_summary_with_reasons()
    {
        using var folder = new TemporaryFolder();
        FolderSummary.Write(folder.Path, [Record(folder), new() { Name = "b|c", File = "b.svs", State = SlideState.Failed, Reason = "The file ends early." }, new() { Name = "a", File = "a.txt", State = SlideState.Skipped, Reason = "No slide." }]);
        var summary = File.ReadAllText(folder.File(FolderSummary.SummaryFile));
        Assert.Contains("3 slides: 1 finished, 1 skipped, 1 failed.", summary, StringComparison.Ordinal);
        Assert.Contains("| b\\|c | The file ends early. |", summary, StringComparison.Ordinal);
        Assert.Contains("| slide | tissue, mm² | tumor epithelium | necrosis |", summary, StringComparison.Ordinal);
        var lines = File.ReadAllLines(folder.File(FolderSummary.AreasFile));
        Assert.Equal("slide,class,pixels,mm2,share_of_tissue,mean_probability", lines[0]);
        Assert.StartsWith("slide,tumor epithelium,4,", lines[1], StringComparison.Ordinal);
        Assert.Equal(8, lines.Length);
    }

    private static SlideRecord Record(TemporaryFolder folder)
    {
        var mask = ArrayMask.Parse("0001", "01..");
        var slide = TestSlide.Of(mask);
        File.WriteAllText(folder.File("mask.tif"), "tif");
        return new SlideRecord
        {
            Name = slide.Name,
            File = "slide.svs",
            State = SlideState.Finished,
            Width = slide.Width,
            Height = slide.Height,
            MicronsPerPixel = slide.MicronsPerPixel,
            MaskMicronsPerPixel = slide.MaskMicronsPerPixel,
            ModelSha256 = "abc",
            Settings = _settings,
            Areas = [.. SlideAreas.Count(mask, slide).All],
            Annotations = new AnnotationCounts(2, 0, 0),
            Files = SlideRecord.Lengths(folder.Path, ["mask.tif"]),
            Timings = new Dictionary<string, double> { ["reading"] = 1.5 },
        };
    }
}
