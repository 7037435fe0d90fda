using Microsoft.ML.Data;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class PictureTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "mlps-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void Save_WritesThePngAndNothingElse()
    {
        var picture = MaskPicture.Draw([0, 1], 2, 1, Classes);
        var path = Path.Combine(folder, "sub", "mask.png");

        picture.Save(path);

        Assert.Equal(picture.Png.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Save_ExistingFile_IsReplaced()
    {
        var path = Path.Combine(folder, "mask.png");
        MaskPicture.Draw([0, 1], 2, 1, Classes).Save(path);
        var second = MaskPicture.Draw([1, 1], 2, 1, Classes);

        second.Save(path);

        Assert.Equal(second.Png.ToArray(), File.ReadAllBytes(path));
    }

    [Fact]
    public void Save_PathIsAFolder_FailsAndLeavesNoTemporaryFile()
    {
        var path = Path.Combine(folder, "taken");
        Directory.CreateDirectory(path);

        Assert.ThrowsAny<Exception>(() => MaskPicture.Draw([0], 1, 1, Classes).Save(path));

        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void FromPlanar_InterleavesThePlanes()
    {
        var image = RgbImage.FromPlanar(2, 1, [1, 2, 3, 4, 5, 6]);
        Assert.Equal([1, 3, 5, 2, 4, 6], image.Pixels.ToArray());
    }

    [Theory]
    [InlineData(MLPixelFormat.Bgra32)]
    [InlineData(MLPixelFormat.Rgba32)]
    public void FromMLImage_KeepsTheOrderOfChannels(MLPixelFormat format)
    {
        byte[] data = format == MLPixelFormat.Bgra32 ? [30, 20, 10, 255, 6, 5, 4, 255] : [10, 20, 30, 255, 4, 5, 6, 255];
        using var source = MLImage.CreateFromPixels(2, 1, format, data);

        var image = RgbImage.FromMLImage(source);

        Assert.Equal((2, 1), (image.Width, image.Height));
        Assert.Equal([10, 20, 30, 4, 5, 6], image.Pixels.ToArray());
    }

    /// <summary>Colours of an MLImage are multiplied by their opacity, so that clear pixels are black if nothing is done.</summary>
    [Theory]
    [InlineData(MLPixelFormat.Bgra32)]
    [InlineData(MLPixelFormat.Rgba32)]
    public void FromMLImage_TransparentPixels_AreLaidOnWhiteAsForNetworks(MLPixelFormat format)
    {
        using var source = MLImage.CreateFromPixels(3, 1, format, (byte[])[0, 0, 0, 0, 100, 50, 0, 128, 1, 2, 3, 255]);

        var image = RgbImage.FromMLImage(source);

        Assert.Equal([255, 255, 255], image.Pixels.Span[..3].ToArray());
        Assert.Equal(RgbImage.FromPlanar(3, 1, ImagePixels.ToRgb(source)).Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void RgbImage_WrongLength_NamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => new RgbImage(2, 2, new byte[11]));
        Assert.Contains("2 x 2 pixels needs 12 bytes; got 11", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }
}
