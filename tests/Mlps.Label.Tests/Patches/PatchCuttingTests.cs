using Microsoft.ML.Data;
using Mlps.Cli.Output;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Patches;

/// <summary>The table of patches has all that lie in the folder, whichever run cut them and however it ended.</summary>
public sealed class PatchCuttingTests : IDisposable
{
    private const int Side = 10;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Run_TwiceWithDifferentSlides_TheTableHasThePatchesOfBoth()
    {
        Cut("a");
        var first = Rows();
        Assert.Equal(4, first.Length);

        Cut("b");

        Assert.Equal(first, Rows()[..4]);
        Assert.Equal(["a", "b"], Slides());
        Assert.Equal(8, PatchPlace.ReadAll(_folder.Combine("out")).Count);
    }

    [Fact]
    public void Run_AgainWithAnotherSize_KeepsRowsOfFilesThatAreStillThereAndNoOthers()
    {
        Cut("a");
        var kept = Rows()[0];
        foreach (var row in Rows()[1..])
        {
            File.Delete(_folder.Combine("out", row.Split(',')[0]));
        }

        Cut("a", mpp: 2);

        Assert.Contains(Rows(), row => row == kept || row.StartsWith(kept.Split(',')[0] + ',', StringComparison.Ordinal));
        var places = PatchPlace.ReadAll(_folder.Combine("out"));
        Assert.Equal(Directory.GetFiles(_folder.Combine("out"), "*.png").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal), places.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(4, places.Values.Count(place => place.MicronsPerPixel == 2));
    }

    [Fact]
    public void Run_StoppedInTheSecondSlide_TheTableHasTheFirst()
    {
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => Cut(["a", "b", "c"], mpp: 1, stop: stop, stopAt: "b"));

        Assert.Equal(["a"], Slides());
        Assert.Equal(4, Rows().Length);
    }

    [Fact]
    public void Run_StoppedWhileFilesAreCutAnew_NoRowSaysWhatIsNoLongerTrue()
    {
        // The same places with another size of the slide's pixels: the files have the same names.
        Cut("a");
        using var stop = new CancellationTokenSource();
        var path = _folder.Combine("out", Rows()[0].Split(',')[0]);
        File.Delete(path);
        Directory.CreateDirectory(path);

        // The first file cannot be written, as where the disk is full; the others are of the run before.
        Cut(["a"], mpp: 2, slideMpp: 2, stop: stop);

        Assert.Empty(Rows());
        Assert.Equal(3, Directory.GetFiles(_folder.Combine("out"), "*.png").Length);
    }

    [Fact]
    public void Run_TableOfSomethingElse_IsRefusedWithWhatToDo()
    {
        File.WriteAllText(_folder.File("out/patches.csv"), "name,diagnosis\na,benign\n");

        var error = Assert.Throws<TissueDataException>(() => Cut("a"));

        Assert.Contains("Move it away", error.Message, StringComparison.Ordinal);
        Assert.Equal("name,diagnosis\na,benign\n", File.ReadAllText(_folder.Combine("out", "patches.csv")));
    }

    public void Dispose() => _folder.Dispose();

    private void Cut(string slide, double mpp = 1) => Cut([slide], mpp);

    /// <summary>Cuts four patches of each slide.</summary>
    private void Cut(string[] names, double mpp, double slideMpp = 1, CancellationTokenSource? stop = null, string? stopAt = null)
    {
        foreach (var name in names)
        {
            using var image = MLImage.CreateFromPixels(80, 80, MLPixelFormat.Bgra32, new byte[80 * 80 * 4]);
            image.Save(_folder.File($"slides/{name}.png"));
        }

        new PatchCutting(new SlideOptions { MicronsPerPixel = slideMpp }, new SlidePatchOptions { MicronsPerPixel = mpp, Size = Side, PerSlide = 4, Seed = 1 }, Tissue, _folder.Combine("out"))
            .Run([.. names.Select(name => new SlideItem(name, _folder.Combine("slides", $"{name}.png")))], [], stop?.Token ?? CancellationToken.None);

        TissueMask Tissue(Slide slide)
        {
            if (slide.Name == stopAt)
            {
                stop!.Cancel();
            }

            return TissueMask.Whole(slide);
        }
    }

    private string[] Rows() => File.ReadAllLines(_folder.Combine("out", "patches.csv"))[1..];

    private string[] Slides() => [.. Rows().Select(row => Path.GetFileNameWithoutExtension(row.Split(',')[1])).Distinct()];
}
