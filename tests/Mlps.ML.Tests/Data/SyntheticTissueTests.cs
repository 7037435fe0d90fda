using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class SyntheticTissueTests
{
    private static readonly SyntheticTissueOptions Small = new() { TrainPatches = 60, ValidationPatches = 6, TestPatches = 8, PatchSize = 64, EvaluationSize = 80, Seed = 11 };

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public void Write_AnyClassCount_GivesADatasetThatOpens(int classCount, bool background)
    {
        using var folder = new TemporaryFolder();
        var options = Small with { ClassCount = classCount, Background = background };

        SyntheticTissue.Write(folder.Folder("data"), options);

        var dataset = TissueDataset.Open(Path.Combine(folder.Path, "data"));
        Assert.Equal(SyntheticTissue.Classes(options), dataset.Classes);
        Assert.Equal(classCount, dataset.Classes.Count);
        Assert.Equal(background, dataset.Classes.Background is not null);
        Assert.Equal((60, (64, 64)), (dataset.Report(DatasetSplit.Train).PatchCount, dataset.Report(DatasetSplit.Train).PatchSize));
        Assert.Equal((6, (80, 80)), (dataset.Report(DatasetSplit.Validation).PatchCount, dataset.Report(DatasetSplit.Validation).PatchSize));
        Assert.Equal((8, (80, 80)), (dataset.Report(DatasetSplit.Test).PatchCount, dataset.Report(DatasetSplit.Test).PatchSize));
        Assert.All(dataset.Report(DatasetSplit.Train).Warnings, static warning => Assert.Contains("the only one of their slide", warning, StringComparison.Ordinal));
        Assert.Equal(["data"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_SameOptionsTwice_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        SyntheticTissue.Write(folder.File("first"), Small);
        SyntheticTissue.Write(folder.File("second"), Small);

        var first = Files(folder.File("first"));
        var second = Files(folder.File("second"));

        Assert.Equal(first.Keys, second.Keys);
        Assert.All(first, file => Assert.Equal(file.Value, second[file.Key]));
    }

    [Fact]
    public void Write_AnotherSeed_GivesOtherPixels()
    {
        using var folder = new TemporaryFolder();
        SyntheticTissue.Write(folder.File("first"), Small);
        SyntheticTissue.Write(folder.File("second"), Small with { Seed = 12 });

        var first = Files(folder.File("first")).Values.Select(Convert.ToBase64String).ToHashSet();

        Assert.DoesNotContain(Files(folder.File("second")).Where(file => file.Key.EndsWith(".png", StringComparison.Ordinal) && !file.Key.Contains("mask", StringComparison.Ordinal)), file => first.Contains(Convert.ToBase64String(file.Value)));
    }

    [Fact]
    public void Write_TrainingLabels_AreMixedAsAsked()
    {
        using var folder = new TemporaryFolder();
        SyntheticTissue.Write(folder.File("data"), Small with { TrainPatches = 300, ClassCount = 4, ValidationPatches = 0, TestPatches = 0 });

        var patches = TissueDataset.Open(folder.File("data")).Patches(DatasetSplit.Train);
        var tissues = patches.Select(patch => patch.Label!.Count(occurs => occurs)).ToArray();

        Assert.InRange(tissues.Count(count => count == 1) / 300.0, 0.3, 0.5);
        Assert.All(tissues, count => Assert.InRange(count, 1, 3));
        Assert.Contains(2, tissues);
        Assert.Contains(3, tissues);
        for (var index = 0; index < 4; index++)
        {
            Assert.InRange(patches.Count(patch => patch.Label![index]), 75, 225);
        }
    }

    [Fact]
    public void Write_Masks_HoldEveryClassAndBackgroundOnlyWhereTheSlideIsWhite()
    {
        using var folder = new TemporaryFolder();
        SyntheticTissue.Write(folder.File("data"), Small with { TrainPatches = 0, ValidationPatches = 0, TestPatches = 40 });
        var pixels = Pixels(TissueDataset.Open(folder.File("data")), DatasetSplit.Test);

        var counts = pixels.CountBy(pixel => pixel.Class).ToDictionary(count => count.Key, count => count.Value / (double)pixels.Count);

        Assert.Equal([0, 1, 2, 3], counts.Keys.Order().Select(index => (int)index));
        Assert.InRange(counts[3], 0.01, 0.3);
        Assert.All(counts.Where(count => count.Key < 3), count => Assert.InRange(count.Value, 0.15, 0.6));
        Assert.InRange(pixels.Where(pixel => pixel.Class == 3).Average(pixel => Grey(pixel) > 200 ? 1.0 : 0), 0.99, 1);
        Assert.InRange(pixels.Where(pixel => pixel.Class < 3).Average(pixel => Grey(pixel) > 200 ? 1.0 : 0), 0, 0.01);
    }

    [Fact]
    public void Write_Tissues_AreNotToldApartByTheColourOfAPixel()
    {
        using var folder = new TemporaryFolder();
        SyntheticTissue.Write(folder.File("data"), Small with { TrainPatches = 0, ValidationPatches = 30, TestPatches = 30, Background = false });
        var dataset = TissueDataset.Open(folder.File("data"));

        var means = Pixels(dataset, DatasetSplit.Validation)
            .GroupBy(pixel => pixel.Class)
            .ToDictionary(group => group.Key, group => (Red: group.Average(pixel => pixel.Red), Green: group.Average(pixel => pixel.Green), Blue: group.Average(pixel => pixel.Blue)));
        var right = Pixels(dataset, DatasetSplit.Test).Average(pixel => pixel.Class == means.MinBy(mean =>
            Math.Pow(mean.Value.Red - pixel.Red, 2) + Math.Pow(mean.Value.Green - pixel.Green, 2) + Math.Pow(mean.Value.Blue - pixel.Blue, 2)).Key ? 1.0 : 0);

        Assert.InRange(right, 0.4, 0.75);
    }

    [Fact]
    public void Write_Label_IsWhatCoversEnoughOfThePatch()
    {
        var map = new byte[1000];
        map.AsSpan(0, 30).Fill(1);
        map.AsSpan(30, 29).Fill(2);
        map.AsSpan(59, 400).Fill(3);

        Assert.Equal([true, true, false], Mlps.ML.Synthetic.RegionMap.Label(map, 3, 0.03));
    }

    [Fact]
    public void Write_FolderWithFiles_IsLeftAlone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("data/mine.txt"), "x");

        var exception = Assert.Throws<TissueDataException>(() => SyntheticTissue.Write(Path.Combine(folder.Path, "data"), Small));

        Assert.Equal(Path.Combine(folder.Path, "data"), exception.FilePath);
        Assert.Equal(["mine.txt"], Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "data")).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_Cancelled_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => SyntheticTissue.Write(folder.File("data"), Small, new Reporter(_ => cancel.Cancel()), cancel.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_Progress_CountsEveryPatchOnce()
    {
        using var folder = new TemporaryFolder();
        var reports = new System.Collections.Concurrent.ConcurrentBag<SyntheticTissueProgress>();

        SyntheticTissue.Write(folder.File("data"), Small, new Reporter(reports.Add));

        Assert.Equal(Enumerable.Range(1, 74), reports.Select(report => report.Written).Order());
        Assert.All(reports, report => Assert.Equal(74, report.Total));
    }

    public static TheoryData<string, object> BadOptions() => new()
    {
        { nameof(SyntheticTissueOptions.ClassCount), Small with { ClassCount = 1 } },
        { nameof(SyntheticTissueOptions.ClassCount), Small with { ClassCount = 6 } },
        { nameof(SyntheticTissueOptions.PatchSize), Small with { PatchSize = 31 } },
        { nameof(SyntheticTissueOptions.EvaluationSize), Small with { EvaluationSize = 5000 } },
        { nameof(SyntheticTissueOptions.TestPatches), Small with { TestPatches = -1 } },
        { nameof(SyntheticTissueOptions.TrainPatches), Small with { TrainPatches = 0, ValidationPatches = 0, TestPatches = 0 } },
        { nameof(SyntheticTissueOptions.LabelFraction), Small with { LabelFraction = 0 } },
        { nameof(SyntheticTissueOptions.SingleTissueFraction), Small with { SingleTissueFraction = double.NaN } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Write_OptionOutOfRange_NamesItAndItsValue(string name, object options)
    {
        using var folder = new TemporaryFolder();

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticTissue.Write(folder.File("data"), (SyntheticTissueOptions)options));

        Assert.Equal(name, exception.ParamName);
        Assert.Equal(typeof(SyntheticTissueOptions).GetProperty(name)!.GetValue(options), exception.ActualValue);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static int Grey((byte Class, byte Red, byte Green, byte Blue) pixel) => ((9798 * pixel.Red) + (19235 * pixel.Green) + (3735 * pixel.Blue) + 16384) >> 15;

    private static SortedDictionary<string, byte[]> Files(string folder) =>
        new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(folder, path), File.ReadAllBytes), StringComparer.Ordinal);

    private static List<(byte Class, byte Red, byte Green, byte Blue)> Pixels(TissueDataset dataset, DatasetSplit split)
    {
        var pixels = new List<(byte, byte, byte, byte)>();
        foreach (var patch in dataset.Patches(split))
        {
            var mask = PalettePng.ReadMask(patch.MaskPath!, dataset.Classes).Indices.Span;
            using var image = ImageFile.Read(patch.ImagePath);
            var planes = ImagePixels.ToRgb(image);
            for (var i = 0; i < mask.Length; i++)
            {
                pixels.Add((mask[i], planes[i], planes[mask.Length + i], planes[(2 * mask.Length) + i]));
            }
        }

        return pixels;
    }

    private sealed class Reporter(Action<SyntheticTissueProgress> report) : IProgress<SyntheticTissueProgress>
    {
        public void Report(SyntheticTissueProgress value) => report(value);
    }
}
