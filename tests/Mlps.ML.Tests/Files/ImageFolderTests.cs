using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Data;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Files;

/// <summary>Folders of images to predict: what is read, and what is said of the rest.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly DatasetBuilder _files = new(manifest: false);

    private string Images => Path.Combine(_files.Folder, "in");

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("tif")]
    [InlineData("TIFF")]
    [InlineData("svs")]
    [InlineData("ndpi")]
    [InlineData("gif")]
    [InlineData("heic")]
    [InlineData("jp2")]
    [InlineData("dcm")]
    public void Open_FormatThatIsNotRead_SaysSo(string extension)
    {
        _files.Image("in/a.png").Text($"in/b.{extension}", "x");
        var ml = new MLContext();
        var said = new List<string>();
        ml.Log += (_, message) => said.Add(message.Message);

        var folder = ImageFolder.Open(Images);
        folder.Load(ml);

        Assert.Equal(["a"], folder.Images.Select(image => image.Name));
        Assert.Equal(new LeftOutFile(Path.Combine(Images, $"b.{extension}"), LeftOutReason.OtherFormat, string.Empty), Assert.Single(folder.LeftOut));
        Assert.Contains(said, message => message.Contains($"b.{extension}. Convert them to PNG or JPEG", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("jfif")]
    [InlineData("jpe")]
    [InlineData("JIF")]
    public void Open_JpegByAnotherName_IsRead(string extension)
    {
        using var bitmap = new SKBitmap(16, 8);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        File.WriteAllBytes(_files.PathOf($"in/a.{extension}"), data.ToArray());

        var table = ImageFolder.Open(Images).Load(DatasetBuilder.Context);

        Assert.Equal(16, Assert.Single(Rows.Read<MLImage>(table, TissueColumns.Image)).Width);
    }

    [Fact]
    public void Warnings_ManyFiles_CountsThemAndShowsThreeNames()
    {
        _files.Image("in/a.png");
        for (var number = 0; number < 5; number++)
        {
            _files.Text($"in/{number}.tif", "x").Text($"in/{number}.txt", "x");
        }

        _files.Text("in/5.svs", "x");

        Assert.Equal(
            [
                "6 files left out, in formats that are not read (.tif: 5, .svs: 1): 0.tif, 1.tif, 2.tif, …. Convert them to PNG or JPEG to have them read; cut slides into images first",
                "5 files left out, no images by their names: 0.txt, 1.txt, 2.txt, …",
            ],
            ImageFolder.Open(Images).Warnings);
    }

    [LinuxFact]
    public void Warnings_ControlCharactersInNames_AreShownAsCodes()
    {
        _files.Image("in/a.png").Text("in/b\r\u001b[2J.tif", "x");

        Assert.Contains("b\\u000D\\u001B[2J.tif", Assert.Single(ImageFolder.Open(Images).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NothingButOtherFormats_NamesThem()
    {
        _files.Text("in/b.tif", "x");

        var message = Assert.Throws<TissueDataException>(() => ImageFolder.Open(Images)).Message;

        Assert.Contains("The folder holds no images.", message, StringComparison.Ordinal);
        Assert.Contains("b.tif", message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Open_NamesThatDifferInUnicodeFormOnly_NamesBoth()
    {
        _files.Image("in/\u00E9.png").Image("in/e\u0301.png").Image("in/e\u0301.bmp");

        var exception = Assert.Throws<TissueDataException>(() => ImageFolder.Open(Images));

        Assert.Contains("in Unicode form only", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/\u00E9.png", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/e\u0301.png", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAListener_LeavesDamagedImagesOut()
    {
        _files.Image("in/a.png").Text("in/b.png", "no image").Image("in/c.png");
        var damaged = new List<string>();

        var table = ImageFolder.Open(Images).Load(DatasetBuilder.Context, image => damaged.Add(image.Patch.Name));

        Assert.Equal(2, Rows.Read<MLImage>(table, TissueColumns.Image).Count);
        Assert.Equal(["b"], damaged);
    }

    [Fact]
    public void Open_EarlierOutputInTheFolder_IsLeftOut()
    {
        _files.Image("in/a.png").Image("in/old/masks/a.png").EmptyFolder("in/mine");
        OutputMarker.Write(Path.Combine(Images, "mine"), "predict", "masks");
        OutputMarker.Write(Path.Combine(Images, "old"), "predict", "masks");
        _files.Image("in/mine/masks/a.png").Image("in/mine/else.png").Image("in/old/b.png");

        var folder = ImageFolder.Open(Images);

        // An empty folder is the output's as a whole, others in what the mark names.
        Assert.Equal(["a", "old/b"], folder.Images.Select(image => image.Name));
        Assert.Equal(["mine/", "old/masks/", "old/mlps-output.json"], folder.LeftOut.Select(file => Path.GetRelativePath(Images, file.Path).Replace('\\', '/')));
        Assert.All(folder.LeftOut, file => Assert.Equal((LeftOutReason.OwnOutput, "written by 'predict'"), (file.Reason, file.Explanation)));
    }

    [Fact]
    public void Open_OutputBesideTheImagesInOneFolder_IsLeftOut()
    {
        _files.Image("in/a.png");
        OutputMarker.Write(Images, "predict", "masks", "overlays");
        _files.Image("in/masks/a.png").Image("in/overlays/a.png");

        var folder = ImageFolder.Open(Images, [Images]);

        Assert.Equal(["a"], folder.Images.Select(image => image.Name));
        Assert.False(folder.Contains(Path.Combine(Images, "masks")));
        Assert.True(folder.Contains(Images));
    }

    [Fact]
    public void Open_OutputOfReleasesWithoutAMark_IsLeftOut()
    {
        _files.Image("in/a.png").Image("in/out/masks/a.png").Image("in/out/overlays/a.png").Text("in/out/areas.csv", "image,width,height,gland pixels\n");
        _files.Image("in/other/masks/b.png").Image("in/other/overlays/b.png").Text("in/other/areas.csv", "my own table\n");

        Assert.Equal(["a", "other/masks/b", "other/overlays/b"], ImageFolder.Open(Images).Images.Select(image => image.Name));
    }

    [Theory]
    [InlineData("in/masks")]
    [InlineData("in/masks/deep")]
    public void Open_PartOfAnOutput_IsRefused(string part)
    {
        OutputMarker.Write(Images, "predict", "masks");
        _files.Image($"{part}/a.png");

        var exception = Assert.Throws<TissueDataException>(() => ImageFolder.Open(Path.Combine(_files.Folder, part)));

        Assert.Contains("'predict' wrote", exception.Rule, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Images, OutputMarker.FileName), exception.Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Open_LinkToPartOfAnOutput_IsLeftOut()
    {
        OutputMarker.Write(Path.Combine(_files.Folder, "results"), "predict", "masks");
        _files.Image("results/masks/b.png").Image("in/a.png");
        File.CreateSymbolicLink(Path.Combine(Images, "link"), "../results/masks");

        Assert.Equal(["a"], ImageFolder.Open(Images).Images.Select(image => image.Name));
    }

    [Theory]
    [InlineData("in")]
    [InlineData("in/deep")]
    public void Open_FolderThatIsOutputAsAWhole_IsRefused(string part)
    {
        OutputMarker.Write(Images, "segment.cs", "*");
        _files.Image("in/a.png").Image("in/deep/b.png");

        Assert.Contains("'segment.cs'", Assert.Throws<TissueDataException>(() => ImageFolder.Open(Path.Combine(_files.Folder, part))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileNamedLikeTheMark_IsNoMark()
    {
        _files.Image("in/a.png").Image("in/sub/masks/b.png").Text($"in/sub/{OutputMarker.FileName}", "[1, 2]").Text($"in/{OutputMarker.FileName}", "nonsense");

        Assert.Equal(["a", "sub/masks/b"], ImageFolder.Open(Images).Images.Select(image => image.Name));
    }

    /// <summary>Which of the two lists counts, nobody could say.</summary>
    [Fact]
    public void Open_MarkWithAKeyTwice_IsNoMark()
    {
        _files.Image("in/a.png").Image("in/masks/b.png").Text($"in/{OutputMarker.FileName}", """{"writtenBy": "predict", "wholeFolder": false, "entries": ["masks"], "entries": ["a.png"]}""");

        Assert.Equal(["a", "masks/b"], ImageFolder.Open(Images).Images.Select(image => image.Name));
    }

    [Fact]
    public void Mark_WrittenTwice_NamesWhatBothWrote()
    {
        _files.Image("in/a.png");
        OutputMarker.Write(Images, "predict", "masks");
        OutputMarker.Write(Images, "evaluate", "sheet.png");
        _files.Image("in/masks/b.png").Image("in/sheet.png");

        Assert.Equal(["a"], ImageFolder.Open(Images).Images.Select(image => image.Name));
    }

    [LinuxFact]
    public void Read_PipeInTheImagesPlace_IsRefusedAndNotOpened()
    {
        _files.Image("in/a.png");
        var table = ImageFolder.Open(Images).Load(DatasetBuilder.Context);
        File.Delete(Path.Combine(Images, "a.png"));
        Shell.Run(Images, "mkfifo a.png");

        var exception = Assert.ThrowsAny<Exception>(() => Rows.Read<MLImage>(table, TissueColumns.Image));

        Assert.Contains("pipe, socket or device", exception.GetBaseException().Message, StringComparison.Ordinal);
    }
}
