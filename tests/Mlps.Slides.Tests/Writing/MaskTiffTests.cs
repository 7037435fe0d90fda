using System.Globalization;
using BitMiracle.LibTiff.Classic;
using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class MaskTiffTests
{
    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(256, 256, false)]
    [InlineData(257, 255, false)]
    [InlineData(700, 531, false)]
    [InlineData(700, 531, true)]
    public void Every_pixel_of_level_0_comes_back(int width, int height, bool big)
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(width, height, seed: width, classes: 5);
        MaskTiff.Write(folder.File("mask.tif"), mask, TestSlide.Of(mask), forceBig: big);
        Assert.Equal(mask.Classes, ReadLevel(folder.File("mask.tif"), 0).Pixels);
        Assert.Equal(big ? 43 : 42, File.ReadAllBytes(folder.File("mask.tif"))[2]);
    }

    [Fact]
    public void Each_level_has_half_the_size_and_the_most_frequent_class()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(701, 533, seed: 4, classes: 5, noise: 0.2);
        MaskTiff.Write(folder.File("mask.tif"), mask, TestSlide.Of(mask));
        var above = (Pixels: mask.Classes, mask.Width, mask.Height);
        for (var level = 1; level < 3; level++)
        {
            var read = ReadLevel(folder.File("mask.tif"), level);
            Assert.Equal(((above.Width + 1) / 2, (above.Height + 1) / 2), (read.Width, read.Height));
            for (var y = 0; y < read.Height; y++)
            {
                for (var x = 0; x < read.Width; x++)
                {
                    Assert.Equal(Mode(above, 2 * x, 2 * y), read.Pixels[(y * read.Width) + x]);
                }
            }

            above = read;
        }
    }

    [Fact]
    public void Equal_masks_give_equal_bytes_and_leave_no_other_file()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(600, 600, seed: 1, classes: 5);
        MaskTiff.Write(folder.File("1/mask.tif"), mask, TestSlide.Of(mask));
        MaskTiff.Write(folder.File("2/mask.tif"), mask, TestSlide.Of(mask));
        Assert.Equal(File.ReadAllBytes(folder.File("1/mask.tif")), File.ReadAllBytes(folder.File("2/mask.tif")));
        Assert.Single(Directory.GetFileSystemEntries(folder.Folder("1")));
    }

    [Fact]
    public void Cancelled_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(60, 60, seed: 1, classes: 5);
        Assert.Throws<OperationCanceledException>(() => MaskTiff.Write(folder.File("mask.tif"), mask, TestSlide.Of(mask), cancellation: new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [ToolFact("vips")]
    public void Vips_reads_indices_palette_levels_and_size_of_pixels()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(700, 531, seed: 3, classes: 5);
        var path = folder.File("mask.tif");
        MaskTiff.Write(path, mask, TestSlide.Of(mask, scale: 2));
        ToolFactAttribute.Run("vips", "colourspace", path, folder.File("level0.ppm"), "srgb");
        AssertColors(folder.File("level0.ppm"), (mask.Classes, mask.Width, mask.Height));
        ToolFactAttribute.Run("vips", "colourspace", path + "[page=1]", folder.File("level1.ppm"), "srgb");
        AssertColors(folder.File("level1.ppm"), ReadLevel(path, 1));

        // vips gives pixels a millimetre: 0.5 µm are 2000.
        Assert.Equal(2000, double.Parse(ToolFactAttribute.Run("vipsheader", "-f", "xres", path), CultureInfo.InvariantCulture), 3);
    }

    [ToolFact("openslide-show-properties", "vips")]
    public void OpenSlide_reads_colours_levels_and_size_of_pixels()
    {
        using var folder = new TemporaryFolder();

        // Of sizes that cannot be halved exactly, OpenSlide mixes colours in levels above 0.
        var mask = ArrayMask.Blobs(704, 532, seed: 3, classes: 5);
        var path = folder.File("mask.tif");
        MaskTiff.Write(path, mask, TestSlide.Of(mask, scale: 2));
        var properties = ToolFactAttribute.Run("openslide-show-properties", path);
        Assert.Contains("openslide.vendor: 'generic-tiff'", properties, StringComparison.Ordinal);
        Assert.Contains("openslide.level-count: '3'", properties, StringComparison.Ordinal);
        Assert.Contains("tiff.XResolution: '20000'", properties, StringComparison.Ordinal);
        for (var level = 0; level < 2; level++)
        {
            var picture = folder.File($"level{level}.ppm");
            ToolFactAttribute.Run("vips", "openslideload", path, folder.File("level.v"), "--level", level.ToString(CultureInfo.InvariantCulture));
            ToolFactAttribute.Run("vips", "flatten", folder.File("level.v"), picture);
            AssertColors(picture, ReadLevel(path, level));
        }
    }

    private static byte Mode((byte[] Pixels, int Width, int Height) level, int left, int top)
    {
        var values = new List<byte>();
        for (var y = top; y < top + 2; y++)
        {
            for (var x = left; x < left + 2; x++)
            {
                // Beyond the last row and column, these are taken twice.
                values.Add(level.Pixels[(Math.Min(y, level.Height - 1) * level.Width) + Math.Min(x, level.Width - 1)]);
            }
        }

        return values.GroupBy(value => value).MaxBy(group => group.Count())!.Key;
    }

    private static void AssertColors(string ppm, (byte[] Pixels, int Width, int Height) level)
    {
        var bytes = File.ReadAllBytes(ppm);
        var colors = bytes.AsSpan(bytes.Length - (3 * level.Pixels.Length));
        Assert.Contains($"{level.Width} {level.Height}", System.Text.Encoding.ASCII.GetString(bytes, 0, 200), StringComparison.Ordinal);
        for (var i = 0; i < level.Pixels.Length; i++)
        {
            var color = level.Pixels[i] < 5 ? TissueClasses.LuadHistoSeg.Palette[level.Pixels[i]] : TissueColor.White;
            Assert.Equal(color, new TissueColor(colors[3 * i], colors[(3 * i) + 1], colors[(3 * i) + 2]));
        }
    }

    private static (byte[] Pixels, int Width, int Height) ReadLevel(string path, int level)
    {
        using var tiff = BitMiracle.LibTiff.Classic.Tiff.Open(path, "r");
        Assert.True(tiff.SetDirectory((short)level));
        Assert.Equal(level == 0 ? 0 : 1, tiff.GetField(BitMiracle.LibTiff.Classic.TiffTag.SUBFILETYPE)[0].ToInt());
        var (width, height) = (tiff.GetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGEWIDTH)[0].ToInt(), tiff.GetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGELENGTH)[0].ToInt());
        var pixels = new byte[width * height];
        var tile = new byte[tiff.TileSize()];
        for (var top = 0; top < height; top += MaskTiff.TileSize)
        {
            for (var left = 0; left < width; left += MaskTiff.TileSize)
            {
                Assert.Equal(tile.Length, tiff.ReadTile(tile, 0, left, top, 0, 0));
                for (var y = top; y < Math.Min(top + MaskTiff.TileSize, height); y++)
                {
                    tile.AsSpan((y - top) * MaskTiff.TileSize, Math.Min(MaskTiff.TileSize, width - left)).CopyTo(pixels.AsSpan((y * width) + left));
                }
            }
        }

        return (pixels, width, height);
    }
}
