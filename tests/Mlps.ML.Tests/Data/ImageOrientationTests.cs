using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Images that were stored turned or mirrored, with a note of how to show them.</summary>
public sealed class ImageOrientationTests
{
    private const int Width = 48, Height = 32;

    [Theory]
    [MemberData(nameof(Orientations), SKEncodedImageFormat.Jpeg)]
    public void Read_Jpeg_IsUpright(int orientation, bool bigEndian)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("turned.jpg"), TurnedImage.Jpeg(Stored(orientation), orientation, bigEndian));

        using var image = ImageFile.Read(folder.File("turned.jpg"));

        AssertUpright(image);
    }

    [Theory]
    [MemberData(nameof(Orientations), SKEncodedImageFormat.Webp)]
    public void Read_WebP_IsUpright(int orientation, bool bigEndian)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("turned.webp"), TurnedImage.WebP(Stored(orientation), orientation, bigEndian));

        using var image = ImageFile.Read(folder.File("turned.webp"));

        AssertUpright(image);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(65535)]
    public void Read_OrientationThatIsNone_IsAsStored(int orientation)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("odd.jpg"), TurnedImage.Jpeg(Stored(1), orientation, bigEndian: false));

        using var image = ImageFile.Read(folder.File("odd.jpg"));

        AssertUpright(image);
    }

    [Fact]
    public void LoadImages_TurnedJpeg_HasThePixelsThatAViewerShows()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("turned.jpg"), TurnedImage.Jpeg(Stored(6), 6, bigEndian: false));
        var table = TissueDataset.LoadImages(new MLContext(), folder.Path);

        var column = table.Schema[TissueColumns.Image];
        using var cursor = table.GetRowCursor([column]);
        MLImage? image = null;
        Assert.True(cursor.MoveNext());
        cursor.GetGetter<MLImage>(column)(ref image!);

        AssertUpright(image);
    }

    [Fact]
    public void LoadImagesOfMLNet_TurnedJpeg_IsAsStored()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("turned.jpg"), TurnedImage.Jpeg(Stored(6), 6, bigEndian: false));

        using var image = MLImage.CreateFromFile(folder.File("turned.jpg"));

        Assert.Equal((Height, Width), (image.Width, image.Height));
    }

    public static TheoryData<int, bool> Orientations(SKEncodedImageFormat format)
    {
        Assert.True(format is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp);
        var data = new TheoryData<int, bool>();
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            data.Add(orientation, false);
            data.Add(orientation, true);
        }

        return data;
    }

    /// <summary>The upright image: a colour for each quarter.</summary>
    private static SKColor Upright(int x, int y) => (x < Width / 2, y < Height / 2) switch
    {
        (true, true) => new SKColor(200, 40, 40),
        (false, true) => new SKColor(40, 200, 40),
        (true, false) => new SKColor(40, 40, 200),
        _ => new SKColor(220, 220, 220),
    };

    /// <summary>What a file of an orientation holds, by the words of the EXIF standard: where its first row and its first column are in the upright image.</summary>
    private static SKBitmap Stored(int orientation)
    {
        var swapped = orientation >= 5;
        var stored = new SKBitmap(new SKImageInfo(swapped ? Height : Width, swapped ? Width : Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                int fromRight = Width - 1 - x, fromBottom = Height - 1 - y;
                var (row, column) = orientation switch
                {
                    1 => (y, x),
                    2 => (y, fromRight),
                    3 => (fromBottom, fromRight),
                    4 => (fromBottom, x),
                    5 => (x, y),
                    6 => (fromRight, y),
                    7 => (fromRight, fromBottom),
                    _ => (x, fromBottom),
                };
                stored.SetPixel(column, row, Upright(x, y));
            }
        }

        return stored;
    }

    private static void AssertUpright(MLImage image)
    {
        Assert.Equal((Width, Height), (image.Width, image.Height));
        var pixels = RgbImage.FromMLImage(image).Pixels.Span;
        foreach (var (x, y) in new[] { (2, 2), (Width - 3, 2), (2, Height - 3), (Width - 3, Height - 3), ((Width / 2) - 6, 6), ((Width / 2) + 6, Height - 6) })
        {
            var pixel = pixels.Slice(3 * ((y * Width) + x), 3);
            var expected = Upright(x, y);
            Assert.InRange(pixel[0], expected.Red - 12, expected.Red + 12);
            Assert.InRange(pixel[1], expected.Green - 12, expected.Green + 12);
            Assert.InRange(pixel[2], expected.Blue - 12, expected.Blue + 12);
        }
    }
}
