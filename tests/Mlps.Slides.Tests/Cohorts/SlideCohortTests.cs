using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Cohorts;

public sealed class SlideCohortTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cohort_tells_what_is_finished_begun_and_missing()
    {
        SlideCohort.WriteList(_folder.Path, [Item("c"), Item("a"), Item("b"), Item("d")]);
        Finished("a", "tumor", 1.5);
        Record("b", new() { Name = "b", File = "b.svs", State = SlideState.Failed, Reason = "The file ends early." });
        File.WriteAllText(_folder.File("c/mask.bands"), "begun");
        Record("later", new() { Name = "later", File = "later.svs", State = SlideState.Skipped, Reason = "There is no tissue." });

        var cohort = SlideCohort.Read(_folder.Path);
        cohort.Write();

        Assert.Equal(["a", "b", "c", "d", "later"], cohort.Slides.Select(slide => slide.Name));
        Assert.Equal([SlideState.Finished, SlideState.Failed, null, null, SlideState.Skipped], cohort.Slides.Select(slide => slide.State));
        Assert.Equal([null, "The file ends early.", "It is begun and not finished.", "It is not begun.", "There is no tissue."], cohort.Slides.Select(slide => slide.Reason));
        Assert.Equal("/data/a.svs", cohort.Slides[0].File);
        Assert.False(cohort.IsComplete);
        var rows = File.ReadAllLines(_folder.Combine(SlideCohort.TableFile));
        Assert.Equal("slide,state,reason,file,width,height,mpp,polygons,seconds,model,\"tumor, mm2\",\"tumor, share_of_tissue\",\"tumor, mean_probability\"", rows[0]);
        Assert.Equal("a,finished,,/data/a.svs,100,80,0.250000,7,3.500000,abc,1.500000,0.750000,0.500000", rows[1]);
        Assert.StartsWith("c,unfinished,It is begun and not finished.,/data/c.svs,0,0,,,0.000000,,,,", rows[3], StringComparison.Ordinal);
        Assert.Equal(["slide,class,pixels,mm2,share_of_tissue,mean_probability", "a,tumor,10,1.500000,0.750000,0.500000"], File.ReadAllLines(_folder.Combine("areas.csv")));
        var summary = File.ReadAllText(_folder.Combine("summary.md"));
        Assert.Contains("5 slides: 1 finished, 1 skipped, 3 failed.", summary, StringComparison.Ordinal);
        Assert.Contains("| d | It is not begun. |", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Finished_and_skipped_slides_of_one_model_are_a_whole_cohort()
    {
        SlideCohort.WriteList(_folder.Path, [Item("a"), Item("b")]);
        Finished("a", "tumor", 1);
        Record("b", new() { Name = "b", File = "b.svs", State = SlideState.Skipped, Reason = "There is no tissue." });
        Assert.True(SlideCohort.Read(_folder.Path).IsComplete);

        Finished("c", "tumor", 1, model: "another");
        var cohort = SlideCohort.Read(_folder.Path);
        Assert.Equal(["abc", "another"], cohort.Models);
        Assert.False(cohort.IsComplete);
    }

    [Theory]
    [InlineData("modelMicronsPerPixel", "0.5", "1", false)]
    [InlineData("tissue", "found", "given, 12ab", false)]
    [InlineData("tissue", "given, 34cd", "given, 12ab", true)]
    [InlineData("content", "12ab", "34cd", true)]
    [InlineData("slideMicronsPerPixel", "0.25", "0.5", true)]
    [InlineData("page", "true", "false", true)]
    public void Slides_of_other_settings_are_no_whole_cohort(string setting, string first, string second, bool isWhole)
    {
        Finished("a", "tumor", 1, settings: new Dictionary<string, string> { [setting] = first });
        Finished("b", "tumor", 1, settings: new Dictionary<string, string> { [setting] = second });

        var cohort = SlideCohort.Read(_folder.Path);

        Assert.Equal(isWhole, cohort.IsComplete);
        Assert.Equal(isWhole ? [] : [setting], cohort.DifferingSettings);
    }

    [Fact]
    public void A_slide_whose_files_are_not_all_there_is_not_finished()
    {
        Finished("a", "tumor", 1);
        File.AppendAllText(_folder.Combine("a", "mask.tif"), "more");

        var cohort = SlideCohort.Read(_folder.Path);
        cohort.Write();
        var slide = cohort.Slides[0];

        Assert.Null(slide.State);
        Assert.Equal("Its record is there, and mask.tif is missing or of another length.", slide.Reason);
        Assert.Empty(slide.Areas);
        Assert.Contains("1 slide: 0 finished, 0 skipped, 1 failed.", File.ReadAllText(_folder.Combine("summary.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "invalid")]
    [InlineData("null", "it has form")]
    [InlineData("""{"format": 2, "slides": []}""", "it has form 2")]
    [InlineData("""{"format": 1, "slides": null}""", "slides")]
    [InlineData("""{"format": 1, "slides": [{"name": "a", "file": "a"}, {"name": "a", "file": "b"}]}""", "it lists 'a' twice")]
    [InlineData("""{"format": 1, "slides": [], "slides": []}""", "Duplicate")]
    public void A_list_that_is_damaged_is_named(string text, string what)
    {
        File.WriteAllText(_folder.Combine(SlideCohort.ListFile), text);

        var message = Assert.Throws<SlideException>(() => SlideCohort.Read(_folder.Path)).Message;

        Assert.Contains(_folder.Combine(SlideCohort.ListFile), message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_folder_without_results_is_named()
    {
        Assert.Contains("There are no results of slides", Assert.Throws<SlideException>(() => SlideCohort.Read(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("There is no such folder", Assert.Throws<SlideException>(() => SlideCohort.Read(_folder.Combine("none"))).Message, StringComparison.Ordinal);
    }

    private static SlideItem Item(string name) => new(name, $"/data/{name}.svs");

    private void Finished(string name, string area, double size, string model = "abc", IReadOnlyDictionary<string, string>? settings = null)
    {
        File.WriteAllText(_folder.File($"{name}/mask.tif"), "mask");
        Record(name, new()
        {
            Name = name,
            File = name + ".svs",
            State = SlideState.Finished,
            Width = 100,
            Height = 80,
            MicronsPerPixel = 0.25,
            ModelSha256 = model,
            Settings = settings ?? new Dictionary<string, string>(),
            Areas = [new ClassArea(area, 10, size, 0.75, 0.5)],
            Annotations = new AnnotationCounts(7, 0, 0),
            Files = new Dictionary<string, long> { ["mask.tif"] = 4 },
            Timings = new Dictionary<string, double> { ["mask"] = 2, ["page"] = 1.5 },
        });
    }

    private void Record(string name, SlideRecord record) => record.Write(_folder.File($"{name}/{SlideRecord.FileName}"));
}
