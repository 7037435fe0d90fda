using BitMiracle.LibTiff.Classic;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.CommandLine;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Tissue;

/// <summary>Tissue that the command line says, of slides whose files have one name.</summary>
public sealed class TissueChoicesTests : IDisposable
{
    private const string Left = """{ "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [300, 0], [300, 500], [0, 500], [0, 0]]] }, "properties": {} }""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Regions_OfTwoSlidesOfOneName_AreNamedAsTheirResults()
    {
        var (first, second) = (Slide("slides/case1/a.tif"), Slide("slides/case2/a.tif"));
        Slide("slides/case2/b.tif");
        File.WriteAllText(_folder.File("regions/a.geojson"), Left);
        File.WriteAllText(_folder.File("regions/b.geojson"), Left);

        var shared = await CutAsync();
        Assert.True(shared.ExitCode == 3, shared.Output + shared.Error);
        Assert.Contains($"{_folder.Combine("regions", "a.geojson")}: It may be of {first} or of {second}", shared.Output, StringComparison.Ordinal);
        Assert.Contains("case1-a.geojson", shared.Output, StringComparison.Ordinal);
        Assert.Contains("case2-b: 5 patches\n", shared.Output, StringComparison.Ordinal);

        File.Move(_folder.Combine("regions", "a.geojson"), _folder.Combine("regions", "case1-a.geojson"));
        File.WriteAllText(_folder.File("regions/case2-a.geojson"), Left);
        var named = await CutAsync();
        Assert.True(named.ExitCode == 0, named.Output + named.Error);
        Assert.Contains("case2-a: 5 patches\n", named.Output, StringComparison.Ordinal);
    }

    /// <summary>A file of the name of one slide's results is of no other slide.</summary>
    [Fact]
    public async Task Regions_OfAnotherSlidesResults_AreNotTaken()
    {
        Slide("slides/a.tif");
        Slide("slides/sub/a.tif");
        File.WriteAllText(_folder.File("regions/a.geojson"), Left);

        var result = await CutAsync();

        Assert.True(result.ExitCode == 3, result.Output + result.Error);
        Assert.Contains("\na: 5 patches\n", "\n" + result.Output, StringComparison.Ordinal);
        Assert.Contains("has none of sub-a.geojson, sub-a.geojson.gz, sub-a.json.", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("patches", "--regions", "--saturation 20 --largest-hole 3", "--saturation, --largest-hole")]
    [InlineData("patches", "--tissue-mask", "--median 3 --closing 3 --smallest-tissue 3", "--median, --closing, --smallest-tissue")]
    [InlineData("slides", "--regions", "--saturation 20", "--saturation")]
    public async Task HowTissueIsFound_BesideWhereItIs_IsRefused(string command, string where, string how, string named)
    {
        string[] required = command is "patches" ? ["--mpp", "1"] : ["--model", _folder.Combine("none.zip")];
        var result = await CommandLineProcess.RunAsync([command, "--slides", _folder.Path, .. required, where, _folder.Path, .. how.Split(' '), "--output", _folder.Combine("out")]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{where} says which part is tissue, so that {named} would change nothing", result.Error, StringComparison.Ordinal);
    }

    private string Slide(string path) => new TestTiff { Width = 600, Height = 500, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_folder.File(path));

    private Task<ProbeResult> CutAsync() => CommandLineProcess.RunAsync(
        "patches", "--slides", _folder.Combine("slides"), "--mpp", "0.5", "--size", "50", "--per-slide", "5", "--regions", _folder.Combine("regions"), "--output", _folder.Combine("out"));
}
