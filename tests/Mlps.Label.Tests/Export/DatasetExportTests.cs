using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Testing;
using SkiaSharp;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Export;

/// <summary>Labels become a dataset that opens.</summary>
public sealed class DatasetExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_LabelsOfThreeSlides_IsADatasetWithASlideHeldOut()
    {
        var result = Export(Labelled(), HeldOut(0.2));

        Assert.Equal(9, result.Train + result.HeldOut);
        var slide = Assert.Single(result.HeldOutSlides);
        Assert.Equal(3, result.HeldOut);
        Assert.Equal(9, result.Linked);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        Assert.Equal(Classes, dataset.Classes);
        Assert.Equal(6, dataset.Report(DatasetSplit.Train).PatchCount);
        Assert.Equal(2, dataset.Report(DatasetSplit.Train).SourceCount);
        Assert.All(dataset.Patches(DatasetSplit.Train), patch => Assert.DoesNotContain(slide, patch.Name, StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(_folder.Combine("dataset", "held-out")), path => Assert.StartsWith(slide, Path.GetFileName(path), StringComparison.Ordinal));
        Assert.Contains(dataset.Patches(DatasetSplit.Train), patch => patch.Label!.SequenceEqual([true, true, false]));
        Assert.Equal(Pixel, File.ReadAllBytes(dataset.Patches(DatasetSplit.Train)[0].ImagePath));
    }

    /// <summary>Half of a dataset must not pass for a whole one.</summary>
    [Fact]
    public void Write_AgainAndStopped_LeavesNoDataset()
    {
        var patches = Labelled();
        Export(patches, HeldOut(0.2));
        using var labels = Open();

        Assert.ThrowsAny<OperationCanceledException>(() => DatasetExport.Write(patches, labels, _folder.Combine("dataset"), HeldOut(0.2), new CancellationToken(canceled: true)));

        Assert.False(File.Exists(_folder.Combine("dataset", "dataset.json")));
        Assert.False(File.Exists(_folder.Combine("dataset", "labels.csv")));
    }

    [Fact]
    public void Write_PathWithASeparatorAtItsEnd_NamesTheDatasetAfterTheFolder()
    {
        var patches = Labelled();
        using var labels = Open();

        DatasetExport.Write(patches, labels, _folder.Combine("dataset") + Path.DirectorySeparatorChar, HeldOut(0.2), CancellationToken.None);

        Assert.Equal("dataset", TissueDataset.Open(_folder.Combine("dataset")).Name);
    }

    [Fact]
    public void Write_FewLabelsOfOnePerson_WarnsWithTheNumberThatIsMissing()
    {
        var warnings = Export(Labelled(), HeldOut(0)).Warnings;

        Assert.Contains("tumor occurs in every training patch and cannot be told from the others: label patches without it.", warnings);
        Assert.Contains("stroma occurs in 3 training patches: 197 are missing to the 200 that are a good start.", warnings);
        Assert.Contains("lymphocyte occurs in no training patch and cannot be learnt: 200 are missing.", warnings);
        Assert.Contains(warnings, warning => warning.StartsWith("Only Anna has labelled", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_SeveralPeople_TakesWhatMostSay_AndLeavesOutTheRest()
    {
        using var labels = Open();
        var patches = Patches("a_x0_y0.png", "a_x1_y0.png", "a_x2_y0.png", "a_x3_y0.png");
        foreach (var (person, answers) in new[] { ("Anna", new uint?[] { 1, 1, null, 0 }), ("Ben", [3, 2, null, 0]), ("Cleo", [1, null, null, 0]) })
        {
            for (var index = 0; index < answers.Length; index++)
            {
                labels.Append(person, Answer($"a_x{index}_y0.png", answers[index]));
            }
        }

        var result = DatasetExport.Write(patches, labels, _folder.Combine("dataset"), HeldOut(0), CancellationToken.None);

        Assert.Equal((1, 3), (result.Train, result.LeftOut));
        Assert.Equal(["a_x0_y0-[1 0 0].png"], Files("dataset/train"));
        Assert.Equal(
            ["file,slide,tumor,stroma,lymphocyte,people,part,reason", "a_x0_y0.png,a,1,0,0,3,train,", "a_x1_y0.png,a,,,,2,,disputed", "a_x2_y0.png,a,,,,0,,cannot say", "a_x3_y0.png,a,0,0,0,3,,none of the tissues"],
            File.ReadAllLines(_folder.Combine("dataset", "labels.csv")));
        Assert.Contains("1 patch is left out because people are evenly divided", string.Join('\n', result.Warnings), StringComparison.Ordinal);

        var anna = DatasetExport.Write(patches, labels, _folder.Combine("anna"), HeldOut(0) with { Person = "anna" }, CancellationToken.None);
        Assert.Equal(2, anna.Train);
        Assert.Contains("Anna, Ben, Cleo", Assert.Throws<TissueDataException>(() => DatasetExport.Write(patches, labels, _folder.Combine("x"), HeldOut(0) with { Person = "Dora" }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Again_ReplacesItsOwnFilesAndNoOthers()
    {
        var labels = Labelled();
        Export(labels, HeldOut(0));
        File.WriteAllText(_folder.Combine("dataset", "notes.txt"), "mine");
        using (var more = Open())
        {
            more.Append("Anna", Answer("s1_x0_y0.png", 4));
        }

        Export(labels, HeldOut(0) with { Copies = true });

        Assert.Equal(9, Files("dataset/train").Length);
        Assert.Contains("s1_x0_y0-[0 0 1].png", Files("dataset/train"));
        Assert.True(File.Exists(_folder.Combine("dataset", "notes.txt")));
        Assert.Equal(9, Directory.GetFiles(labels.Folder, "*.png").Length);
    }

    [Fact]
    public void Write_FolderOfSomethingElse_IsRefusedAndLeftAlone()
    {
        var labels = Labelled();
        File.WriteAllText(_folder.File("dataset/mine.txt"), "mine");
        Assert.Contains("not empty", Assert.Throws<TissueDataException>(() => Export(labels, HeldOut(0))).Message, StringComparison.Ordinal);

        File.WriteAllText(_folder.File("dataset/label-export.json"), """{"files": ["train/../../patches/s1_x0_y0.png"]}""");
        Assert.Contains("no patch of an export", Assert.Throws<TissueDataException>(() => Export(labels, HeldOut(0))).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.Combine("patches", "s1_x0_y0.png")));
    }

    /// <summary>What networks learn from must be what the person saw, whatever format it was in.</summary>
    [Fact]
    public void Write_TransparentWebP_HasTheColoursOfTheSource()
    {
        const int Side = 8;
        var path = _folder.File("patches/s_x0_y0.webp");
        using (var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Unpremul)))
        using (var file = File.Create(path))
        {
            bitmap.Pixels = [.. Enumerable.Range(0, Side * Side).Select(pixel => new SKColor(200, 40, 120, (byte)(pixel < 8 ? 0 : pixel * 4)))];
            using var webP = bitmap.PeekPixels().Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));
            webP.SaveTo(file);
        }

        using (var labels = Open())
        {
            labels.Append("Anna", Answer("s_x0_y0.webp", 1));
        }

        Export(PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None), HeldOut(0));

        using var source = TissueImage.FromBytes(File.ReadAllBytes(path));
        using var written = TissueImage.FromBytes(File.ReadAllBytes(_folder.Combine("dataset", "train", Assert.Single(Files("dataset/train")))));
        byte[] expected = [.. source.Pixels.ToArray().Chunk(4).SelectMany(pixel => (byte[])[OnWhite(pixel, 2), OnWhite(pixel, 1), OnWhite(pixel, 0)])];
        Assert.Equal(MLPixelFormat.Bgra32, source.PixelFormat);
        Assert.Equal([255, 255, 255], expected[..3]);
        Assert.Equal(expected, RgbImage.FromMLImage(written).Pixels.ToArray());

        static byte OnWhite(byte[] pixel, int channel) => (byte)Math.Min(255, pixel[channel] + 255 - pixel[3]);
    }

    [SymbolicLinkFact]
    public void Write_PatchesAreRelativeLinks_EveryFileIsReadableAlsoTheSecondTime()
    {
        PatchesOf(_folder, "../stored/1.png", "../stored/2.png", "../stored/3.png");
        Directory.CreateDirectory(_folder.Combine("patches", "s"));
        File.CreateSymbolicLink(_folder.Combine("patches", "s1_x0_y0.png"), "../stored/1.png");
        File.CreateSymbolicLink(_folder.Combine("patches", "s1_x1_y0.png"), "s1_x0_y0.png");
        File.CreateSymbolicLink(_folder.Combine("patches", "s", "s1_x2_y0.png"), "../../stored/3.png");
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None);
        using (var labels = Open())
        {
            labels.Append("Anna", [.. patches.Patches.Select(patch => Answer(patch.Key, 1))]);
        }

        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(3, Export(patches, HeldOut(0)).Train);
            Assert.Equal(3, Files("dataset/train").Length);
            Assert.All(Files("dataset/train"), name => Assert.Equal(Pixel, File.ReadAllBytes(_folder.Combine("dataset", "train", name))));
        }
    }

    [SymbolicLinkFact]
    public void Write_AnEarlierExportLeftNamesThatLeadNowhere_ReplacesThem()
    {
        var patches = Labelled();
        Export(patches, HeldOut(0));
        foreach (var path in Directory.GetFiles(_folder.Combine("dataset", "train")))
        {
            File.Delete(path);
            File.CreateSymbolicLink(path, "../nowhere.png");
        }

        Export(patches, HeldOut(0));

        Assert.Equal(9, Files("dataset/train").Length);
        Assert.All(Files("dataset/train"), name => Assert.Null(new FileInfo(_folder.Combine("dataset", "train", name)).LinkTarget));
        Assert.False(File.Exists(_folder.Combine("dataset", "nowhere.png")));
    }

    [Fact]
    public void Write_SlidesAreFolders_KeepsThemForThePattern()
    {
        const string Pattern = "^(?<source>[^/]+)/";
        PatchesOf(_folder, "case 1/0001.png", "case 1/0002.png", "case 2/0001.png");
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), Pattern, CancellationToken.None);
        using var labels = Open();
        labels.Append("Anna", [.. patches.Patches.Select(patch => Answer(patch.Key, (uint)(1 + (patch.Index % 2))))]);

        var result = DatasetExport.Write(patches, labels, _folder.Combine("dataset"), HeldOut(0.3) with { SourcePattern = Pattern }, CancellationToken.None);

        Assert.Single(result.HeldOutSlides);
        Assert.Equal(1, TissueDataset.Open(_folder.Combine("dataset")).Report(DatasetSplit.Train).SourceCount);
    }

    [Fact]
    public void Write_JpegAndPlaces_BecomePngWithTheSizeOfPixels()
    {
        using (var image = MLImageOf(8))
        {
            image.Save(_folder.File("patches/s_x0_y0.jpg"));
        }

        File.WriteAllText(_folder.File("patches/patches.csv"), "file,slide,x,y,size,mpp,tissue\ns_x0_y0.jpg,/slides/s.svs,0,0,8,0.5,1\n");
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None);
        using var labels = Open();
        labels.Append("Anna", Answer("s_x0_y0.jpg", 2));

        var result = DatasetExport.Write(patches, labels, _folder.Combine("dataset"), HeldOut(0.5), CancellationToken.None);

        Assert.Equal(0, result.Linked);
        Assert.Contains("one slide", string.Join('\n', result.Warnings), StringComparison.Ordinal);
        Assert.Equal((8, 8), TissueDataset.Open(_folder.Combine("dataset")).Report(DatasetSplit.Train).PatchSize);
        Assert.Contains("\"micronsPerPixel\": 0.5", File.ReadAllText(_folder.Combine("dataset", "dataset.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s1_x0_y0.png", "0.5", "2", true)]
    [InlineData("s1_x0_y0.png", "1", "0.5", false)]
    [InlineData("gone.png", "0.5", "0.5", false)]
    public void Write_SizeOfPixels_IsWrittenWhereAllPatchesOfTheDatasetHaveIt(string other, string mpp, string mppOfThird, bool isWritten)
    {
        var patches = Patches("s1_x0_y0.png", "s1_x1_y0.png", "s1_x2_y0.png");
        File.WriteAllText(
            _folder.File("patches/patches.csv"),
            $"file,slide,x,y,size,mpp,tissue\n{other},/slides/s.svs,0,0,1,{mpp},1\ns1_x1_y0.png,/slides/s.svs,0,0,1,0.5,1\ns1_x2_y0.png,/slides/s.svs,0,0,1,{mppOfThird},1\n");
        using var labels = Open();
        labels.Append("Anna", [Answer("s1_x0_y0.png", 1), Answer("s1_x1_y0.png", 1)]);

        DatasetExport.Write(patches, labels, _folder.Combine("dataset"), HeldOut(0), CancellationToken.None);

        Assert.Equal(isWritten, File.ReadAllText(_folder.Combine("dataset", "dataset.json")).Contains("\"micronsPerPixel\": 0.5", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static ExportOptions HeldOut(double share) => new(share, Seed: 1, Copies: false, Person: null, SourcePattern: null);

    private static Microsoft.ML.Data.MLImage MLImageOf(int side) => Microsoft.ML.Data.MLImage.CreateFromPixels(side, side, Microsoft.ML.Data.MLPixelFormat.Bgra32, new byte[side * side * 4]);

    private LabelFolder Open() => LabelFolder.Open(_folder.Combine("labels"), Classes);

    private PatchList Patches(params IEnumerable<string> names) => PatchList.Open(PatchesOf(_folder, names), _folder.Combine("labels"), null, CancellationToken.None);

    /// <summary>Three patches of each of three slides: tumor in all, stroma in one of each.</summary>
    private PatchList Labelled()
    {
        var patches = Patches(Enumerable.Range(0, 9).Select(number => $"s{1 + (number / 3)}_x{number % 3}_y0.png"));
        using var labels = Open();
        labels.Append("Anna", [.. patches.Patches.Select(patch => Answer(patch.Key, patch.Index % 3 == 1 ? 3u : 1u))]);
        return patches;
    }

    private ExportResult Export(PatchList patches, ExportOptions options)
    {
        using var labels = Open();
        return DatasetExport.Write(patches, labels, _folder.Combine("dataset"), options, CancellationToken.None);
    }

    private string[] Files(string folder) => [.. Directory.GetFiles(_folder.Combine(folder.Split('/'))).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
