using Microsoft.ML.Data;
using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class ImageFileTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Read_WholeFile_GivesItsPixels(SKEncodedImageFormat format)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("image.bin");
        File.WriteAllBytes(path, Encode(format));

        using var image = ImageFile.Read(path);

        Assert.Equal((16, 8), (image.Width, image.Height));
        var planes = ImagePixels.ToRgb(image);
        Assert.InRange(planes[0], 195, 205);
        Assert.InRange(planes[16 * 8], 95, 105);
        Assert.InRange(planes[2 * 16 * 8], 145, 155);
    }

    [Fact]
    public void Read_PngCutAtEveryByte_IsAlwaysAnErrorThatNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("image.png");
        var whole = Encode(SKEncodedImageFormat.Png);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);

            Assert.Equal(path, Assert.Throws<TissueDataException>(() => ImageFile.Read(path)).FilePath);
        }
    }

    [Fact]
    public void Read_PngWhosePixelsEndEarlyInWholeChunks_IsAnError()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("image.png");
        var samples = new byte[64 * 64 * 3];
        new Random(1).NextBytes(samples);
        new PngBuilder { Width = 64, Height = 64, Samples = samples, ColorType = 2, Palette = [], OnCompressed = data => data[..(data.Length / 2)] }.Write(path);

        Assert.Equal(path, Assert.Throws<TissueDataException>(() => ImageFile.Read(path)).FilePath);
    }

    [Fact]
    public void Read_JpegCutInTheMiddle_IsAnError()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("image.jpg");
        var whole = Encode(SKEncodedImageFormat.Jpeg);
        File.WriteAllBytes(path, whole[..(whole.Length - 30)]);

        Assert.Equal(path, Assert.Throws<TissueDataException>(() => ImageFile.Read(path)).FilePath);
    }

    [Fact]
    public void Read_MissingFile_NamesIt() =>
        Assert.Equal("no such image.png", Assert.Throws<TissueDataException>(() => ImageFile.Read("no such image.png")).FilePath);

    [Fact]
    public void Read_GreyscalePng_GivesEqualPlanes()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 2, Height = 1, Samples = [10, 200], ColorType = 0, Palette = [] }.Write(folder.File("grey.png"));

        using var image = ImageFile.Read(folder.File("grey.png"));

        Assert.Equal([10, 200, 10, 200, 10, 200], ImagePixels.ToRgb(image));
    }

    [Fact]
    public void Read_TransparentPng_IsLaidOnWhite()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 3, Height = 1, Samples = [10, 20, 30, 255, 10, 20, 30, 0, 100, 100, 100, 128], ColorType = 6, Palette = [] }.Write(folder.File("alpha.png"));

        using var image = ImageFile.Read(folder.File("alpha.png"));
        var planes = ImagePixels.ToRgb(image);

        Assert.Equal([10, 255], planes[..2]);
        Assert.Equal([20, 255], planes[3..5]);
        Assert.Equal([30, 255], planes[6..8]);
        Assert.InRange(planes[2], 176, 178);
    }

    [Theory]
    [InlineData(MLPixelFormat.Rgba32)]
    [InlineData(MLPixelFormat.Bgra32)]
    public void CopyRgb_EitherPixelFormat_GivesRedFirst(MLPixelFormat format)
    {
        byte[] rgba = [1, 2, 3, 255, 4, 5, 6, 255];
        byte[] bgra = [3, 2, 1, 255, 6, 5, 4, 255];
        using var image = MLImage.CreateFromPixels(1, 2, format, format == MLPixelFormat.Rgba32 ? rgba : bgra);

        Assert.Equal([1, 4, 2, 5, 3, 6], ImagePixels.ToRgb(image));
    }

    [Fact]
    public void CopyRgb_IntoMemoryOfAnotherLength_NamesBothLengths()
    {
        using var image = MLImage.CreateFromPixels(1, 2, MLPixelFormat.Rgba32, new byte[8]);

        var message = Assert.Throws<ArgumentException>(() => ImagePixels.CopyRgb(image, new byte[7])).Message;

        Assert.Contains("6", message, StringComparison.Ordinal);
        Assert.Contains("7", message, StringComparison.Ordinal);
    }

    private static byte[] Encode(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(16, 8, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(200, 100, 150));
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
