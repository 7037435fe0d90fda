using System.Globalization;
using Mlps.ML.Tests.CommandLine;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Patches;

public sealed class PatchesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Patches_OfAFolder_AreCut_AndWhatIsLeftOutIsSaid()
    {
        // Pink everywhere.
        var slide = new TestTiff { Width = 600, Height = 500, Sample = static (x, y, sample) => (byte)(sample == 1 ? 100 + ((x + y) % 50) : 220) };
        slide.Write(_folder.File("slides/a.tif"));
        slide.Write(_folder.File("slides/sub/a.tif"));
        (slide with { Resolution = (20_000, BitMiracle.LibTiff.Classic.ResUnit.CENTIMETER) }).Write(_folder.File("slides/c.tif"));
        File.WriteAllText(_folder.File("slides/notes.txt"), "text");
        File.WriteAllText(_folder.File("mpp.csv"), "slide,mpp\nslides/a,0.5\nslides/b,0.5\n");
        string[] command = ["patches", "--slides", _folder.Combine("slides"), "--mpp", "1", "--size", "64", "--per-slide", "4", "--output", _folder.Combine("out"), "--mpp-of", _folder.Combine("mpp.csv")];

        // sub/a.tif does not say its size.
        var result = await CommandLineProcess.RunAsync(command);
        Assert.True(result.ExitCode == 3, result.Output + result.Error);
        Assert.Contains("notes.txt is left out. By its name it is no slide.", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 name in it is of none of the slides: slides/b.", result.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("--slide-mpp X", await File.ReadAllTextAsync(_folder.Combine("out", "failed.csv")), StringComparison.Ordinal);
        Assert.Equal(8, Directory.GetFiles(_folder.Combine("out"), "*.png").Length);

        result = await CommandLineProcess.RunAsync([.. command, "--slide-mpp", "0.5"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.False(File.Exists(_folder.Combine("out", "failed.csv")));
        var rows = await File.ReadAllLinesAsync(_folder.Combine("out", "patches.csv"));
        Assert.Equal("file,slide,x,y,size,mpp,tissue,slideMpp", rows[0]);
        Assert.Equal(12, rows.Length - 1);
        Assert.All(rows.Skip(1), row => Assert.True(File.Exists(_folder.Combine("out", row.Split(',')[0]))));
        Assert.Equal(["a", "c", "sub-a"], rows.Skip(1).Select(row => row.Split("_x")[0]).Distinct());
        Assert.Contains(",64,1,", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",0.5", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patches_OfRegionsOrAPicture_LieInside()
    {
        var slide = new TestTiff { Width = 600, Height = 500, Resolution = (20_000, BitMiracle.LibTiff.Classic.ResUnit.CENTIMETER) };
        slide.Write(_folder.File("slides/a.tif"));
        slide.Write(_folder.File("slides/b.tif"));
        File.WriteAllText(
            _folder.File("regions/a.geojson"),
            """{ "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [[[300, 0], [600, 0], [600, 250], [300, 250], [300, 0]]] }, "properties": {} }""");
        string[] command = ["patches", "--slides", _folder.Combine("slides"), "--mpp", "0.5", "--size", "50", "--per-slide", "10", "--least-tissue", "1", "--output", _folder.Combine("out")];

        // b has no regions.
        var result = await CommandLineProcess.RunAsync([.. command, "--regions", _folder.Combine("regions")]);
        Assert.True(result.ExitCode == 3, result.Output + result.Error);
        Assert.Contains("There is no file of regions for it", await File.ReadAllTextAsync(_folder.Combine("out", "failed.csv")), StringComparison.Ordinal);
        var places = (await File.ReadAllLinesAsync(_folder.Combine("out", "patches.csv"))).Skip(1).Select(row => row.Split(',')).Select(row => (X: int.Parse(row[2], CultureInfo.InvariantCulture), Y: int.Parse(row[3], CultureInfo.InvariantCulture))).ToArray();
        Assert.Equal(10, places.Length);
        Assert.All(places, place => Assert.True(place.X >= 300 && place.Y <= 200, $"{place}"));

        using (var mask = new SkiaSharp.SKBitmap(6, 5))
        {
            mask.Erase(SkiaSharp.SKColors.Black);
            for (var pixel = 0; pixel < 9; pixel++)
            {
                mask.SetPixel(pixel % 3, 2 + (pixel / 3), SkiaSharp.SKColors.White);
            }

            await File.WriteAllBytesAsync(_folder.File("masks/a.png"), mask.Encode(SkiaSharp.SKEncodedImageFormat.Png, quality: 100).ToArray());
            File.Copy(_folder.Combine("masks", "a.png"), _folder.Combine("masks", "b.png"));
        }

        // One picture is not of two slides.
        result = await CommandLineProcess.RunAsync([.. command[..^1], _folder.Combine("masked"), "--tissue-mask", _folder.Combine("masks", "a.png")]);
        Assert.True(result.ExitCode == 1, result.Output + result.Error);
        Assert.Contains("--tissue-mask is one file, and there are 2 slides; give a folder with a file for each, or one slide.", result.Error, StringComparison.Ordinal);

        result = await CommandLineProcess.RunAsync([.. command[..^1], _folder.Combine("masked"), "--tissue-mask", _folder.Combine("masks")]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        var masked = (await File.ReadAllLinesAsync(_folder.Combine("masked", "patches.csv"))).Skip(1).Select(row => row.Split(',')).ToArray();
        Assert.Equal(["a.tif", "b.tif"], masked.Select(row => Path.GetFileName(row[1])).Distinct());
        Assert.All(masked, row => Assert.True(int.Parse(row[2], CultureInfo.InvariantCulture) <= 250 && int.Parse(row[3], CultureInfo.InvariantCulture) >= 200, string.Join(',', row)));
    }

    [Fact]
    public async Task ACommandThatCannotRun_SaysWhy()
    {
        Directory.CreateDirectory(_folder.Combine("empty"));
        var result = await CommandLineProcess.RunAsync("patches", "--slides", _folder.Combine("empty"), "--mpp", "1", "--output", _folder.Combine("out"));
        Assert.Equal((1, true), (result.ExitCode, result.Error.Contains("There is nothing in it.", StringComparison.Ordinal)));
        result = await CommandLineProcess.RunAsync("patches", "--slides", _folder.Combine("empty"), "--mpp", "0");
        Assert.Equal((1, true), (result.ExitCode, result.Error.Contains("--mpp is 0; it must be a number above 0.", StringComparison.Ordinal)));
        new TestTiff().Write(_folder.File("slides/a.tif"));
        result = await CommandLineProcess.RunAsync("patches", "--slides", _folder.Combine("slides"), "--mpp", "1", "--output", _folder.Combine("slides"));
        Assert.Equal((1, true), (result.ExitCode, result.Error.Contains("written among the slides", StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();
}
