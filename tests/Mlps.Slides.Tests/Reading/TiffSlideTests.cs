using System.Buffers.Binary;
using System.Globalization;
using BitMiracle.LibTiff.Classic;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class TiffSlideTests : IDisposable
{
    private static readonly SlideOptions _managed = new() { Backend = SlideBackend.Tiff };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. _kinds.Keys];

    private static readonly Dictionary<string, TestTiff> _kinds = new()
    {
        ["tiles"] = new(),
        ["tiles, deflate, BigTIFF"] = new() { Compression = Compression.ADOBE_DEFLATE, IsBig = true },
        ["tiles, most significant byte first"] = new() { IsBigEndian = true },
        ["tiles, planes apart"] = new() { ArePlanesApart = true },
        ["strips of a few rows"] = new() { Tile = 0 },
        ["strips of one row"] = new() { Tile = 0, RowsPerStrip = 1, Compression = Compression.PACKBITS },
        ["one strip"] = new() { Tile = 0, RowsPerStrip = 200 },
        ["one strip, not compressed"] = new() { Tile = 0, RowsPerStrip = 200, Compression = Compression.NONE },
        ["strips, not compressed, planes apart"] = new() { Tile = 0, RowsPerStrip = 30, Compression = Compression.NONE, ArePlanesApart = true },
        ["strips, planes apart"] = new() { Tile = 0, RowsPerStrip = 30, ArePlanesApart = true },
        ["16 bits"] = new() { Bits = 16 },
        ["16 bits, most significant byte first"] = new() { Bits = 16, IsBigEndian = true, Tile = 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryKindOfStorage_GivesThePixels(string kind)
    {
        using var slide = Slide.Open(_kinds[kind].Write(_folder.File("a.tif")), _managed);
        Assert.Equal((300, 200, SlideBackend.Tiff), (slide.Width, slide.Height, slide.Backend));
        var rgb = slide.ReadRegion(-1, -1, 302, 202);
        for (var y = 0; y < 200; y++)
        {
            for (var x = 0; x < 300; x++)
            {
                Assert.Equal(StubSource.Pattern(x, y), SlideTests.At(rgb, 302, x + 1, y + 1));
            }
        }

        Assert.Equal((255, 255, 255), SlideTests.At(rgb, 302, 301, 100));
    }

    [Fact]
    public void Grey_IsAllThreeColours()
    {
        using var slide = Slide.Open(new TestTiff { Samples = 1, Photometric = Photometric.MINISBLACK }.Write(_folder.File("a.tif")), _managed);
        var red = StubSource.Pattern(9, 5).Red;
        Assert.Equal((red, red, red), SlideTests.At(slide.ReadRegion(9, 5, 1, 1), 1, 0, 0));
        using var inverse = Slide.Open(new TestTiff { Samples = 1, Photometric = Photometric.MINISWHITE, Tile = 0 }.Write(_folder.File("b.tif")), _managed);
        Assert.Equal((byte)(255 - red), SlideTests.At(inverse.ReadRegion(9, 5, 1, 1), 1, 0, 0).Red);
    }

    [Fact]
    public void Transparency_IsLaidOnWhite()
    {
        using var slide = Slide.Open(new TestTiff { Samples = 4, Sample = static (x, _, sample) => sample == 3 ? (byte)x : (byte)100 }.Write(_folder.File("a.tif")), _managed);
        Assert.Equal((255, 255, 255), SlideTests.At(slide.ReadRegion(0, 0, 1, 1), 1, 0, 0));
        Assert.Equal((100, 100, 100), SlideTests.At(slide.ReadRegion(255, 0, 1, 1), 1, 0, 0));
        Assert.InRange(SlideTests.At(slide.ReadRegion(128, 0, 1, 1), 1, 0, 0).Red, 176, 178);
    }

    [Fact]
    public void APalette_IsConverted()
    {
        var path = _folder.File("a.tif");
        using (var tiff = Tiff.Open(path, "w"))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, 40);
            tiff.SetField(TiffTag.IMAGELENGTH, 30);
            tiff.SetField(TiffTag.BITSPERSAMPLE, 8);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, 1);
            tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.PALETTE);
            tiff.SetField(TiffTag.ROWSPERSTRIP, 11);
            ushort[] Colors(int shift) => [.. Enumerable.Range(0, 256).Select(index => (ushort)((byte)(index + shift) * 257))];
            tiff.SetField(TiffTag.COLORMAP, Colors(0), Colors(50), Colors(100));
            for (var strip = 0; strip < 3; strip++)
            {
                var rows = Math.Min(11, 30 - (strip * 11));
                byte[] bytes = [.. Enumerable.Range(0, 40 * rows).Select(at => (byte)((strip * 11) + (at / 40)))];
                tiff.WriteEncodedStrip(strip, bytes, bytes.Length);
            }

            tiff.WriteDirectory();
        }

        using var slide = Slide.Open(path, _managed);
        var rgb = slide.ReadRegion(0, 0, 40, 30);
        for (var y = 0; y < 30; y++)
        {
            Assert.Equal(((byte)y, (byte)(y + 50), (byte)(y + 100)), SlideTests.At(rgb, 40, 20, y));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pyramids_InsideThePictureOrBehindIt_HaveTheirLevels(bool areInner)
    {
        using var slide = Slide.Open(new TestTiff { Width = 1000, Height = 700, Levels = 4, AreLevelsInner = areInner }.Write(_folder.File("a.tif")), _managed);
        Assert.Equal([new SlideLevel(1000, 700, 1), new SlideLevel(500, 350, 2), new SlideLevel(250, 175, 4), new SlideLevel(125, 87, 8)], slide.Levels);
        var rgb = slide.ReadRegion(16, 32, 50, 40, 8);
        Assert.Equal(StubSource.Pattern(16 + 80, 32 + 40), SlideTests.At(rgb, 50, 10, 5));
    }

    [Theory]
    [InlineData(Photometric.YCBCR)]
    [InlineData(Photometric.RGB)]
    public void Jpeg_OfBothKindsOfColours_IsDecoded(Photometric photometric)
    {
        var smooth = new TestTiff { Compression = Compression.JPEG, Photometric = photometric, Sample = static (x, y, sample) => (byte)(sample == 0 ? 200 : sample == 1 ? 60 + (x / 4) : 120 + (y / 4)) };
        using var slide = Slide.Open(smooth.Write(_folder.File("a.tif")), _managed);
        var rgb = slide.ReadRegion(0, 0, 300, 200);
        for (var y = 0; y < 200; y += 7)
        {
            for (var x = 0; x < 300; x += 7)
            {
                var (red, green, blue) = SlideTests.At(rgb, 300, x, y);
                Assert.InRange(red, 194, 206);
                Assert.InRange(green, 54 + (x / 4), 66 + (x / 4));
                Assert.InRange(blue, 114 + (y / 4), 126 + (y / 4));
            }
        }
    }

    [Theory]
    [InlineData("0.25", "µm", 0.25)]
    [InlineData("250", "nm", 0.25)]
    [InlineData("0.0005", "mm", 0.5)]
    [InlineData("0.25", null, 0.25)]
    [InlineData("1", "pixel", null)]
    public void OmeTiff_SaysItsSizeOfPixels(string size, string? unit, double? expected)
    {
        var description = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" SizeX=\"1000\" "
            + string.Create(CultureInfo.InvariantCulture, $"PhysicalSizeX=\"{size}\" PhysicalSizeY=\"{size}\" ")
            + (unit is null ? string.Empty : $"PhysicalSizeXUnit=\"{unit}\" PhysicalSizeYUnit=\"{unit}\" ") + "Type=\"uint8\"/></Image></OME>";
        // LibTiff writes Latin-1.
        description = System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(description));
        var path = new TestTiff { Width = 1000, Height = 700, Levels = 3, AreLevelsInner = true, Description = description }.Write(_folder.File("a.ome.tif"));
        foreach (var options in (SlideOptions[])[_managed, new()])
        {
            using var slide = Slide.Open(path, options);
            Assert.Equal(3, slide.Levels.Count);
            Assert.Equal(expected is null, slide.MicronsPerPixel is null);
            Assert.Equal(expected ?? 0, slide.MicronsPerPixel ?? 0, 6);
        }
    }

    [Theory]
    [InlineData(20_000, ResUnit.CENTIMETER, 0.5)]
    [InlineData(50_800, ResUnit.INCH, 0.5)]
    [InlineData(72, ResUnit.INCH, null)]
    [InlineData(96, ResUnit.INCH, null)]
    [InlineData(28.35, ResUnit.CENTIMETER, null)]
    [InlineData(37.8, ResUnit.CENTIMETER, null)]
    [InlineData(10, ResUnit.CENTIMETER, null)]
    [InlineData(20_000, ResUnit.NONE, null)]
    public void TagsOfResolution_SayTheSizeOfPixels_UnlessTheyAreThoseOfAScreen(double resolution, ResUnit unit, double? expected)
    {
        var path = new TestTiff { Resolution = (resolution, unit) }.Write(_folder.File("a.tif"));
        foreach (var options in (SlideOptions[])[_managed, new()])
        {
            using var slide = Slide.Open(path, options);
            Assert.Equal(expected ?? 0, slide.MicronsPerPixel ?? 0, 4);
            Assert.Empty(slide.Warnings);
        }
    }

    [Fact]
    public void SeveralPicturesOfOneSize_AreSaid()
    {
        var path = _folder.File("a.tif");
        new TestTiff { Width = 64, Height = 64 }.Write(path);
        using (var tiff = Tiff.Open(path, "a"))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, 64);
            tiff.SetField(TiffTag.IMAGELENGTH, 64);
            tiff.SetField(TiffTag.BITSPERSAMPLE, 8);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, 1);
            tiff.SetField(TiffTag.ROWSPERSTRIP, 64);
            tiff.WriteEncodedStrip(0, new byte[64 * 64], 64 * 64);
            tiff.WriteDirectory();
        }

        using var slide = Slide.Open(path, _managed);
        Assert.Contains("2 pictures of the full size", Assert.Single(slide.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void ManyThreads_ReadTheSame()
    {
        using var slide = Slide.Open(new TestTiff { Width = 2000, Height = 1500, Levels = 3, Compression = Compression.JPEG, Photometric = Photometric.YCBCR }.Write(_folder.File("a.tif")), _managed with { CacheBytes = 0 });
        byte[] Read(int number) => slide.ReadRegion(number * 97 % 1800, number * 61 % 1300, 150, 150, 1 + (number % 5));
        var expected = Enumerable.Range(0, 60).Select(Read).ToArray();
        Parallel.For(0, 60, number => Assert.Equal(expected[number], Read(number)));
    }

    [Fact]
    public void Jpeg2000_IsRefusedWithTheWayToReadIt()
    {
        var path = new TestTiff { Width = 64, Height = 64, Compression = Compression.NONE }.Write(_folder.File("a.svs"));
        SetTag(path, TiffTag.COMPRESSION, 33005);
        var exception = Assert.Throws<SlideException>(() => Slide.Open(path, _managed));
        Assert.Contains("JPEG 2000", exception.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libopenslide0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeStrip_IsRefusedWithTheWayToConvert()
    {
        var path = new TestTiff { Width = 64, Height = 64, Tile = 0, RowsPerStrip = 64 }.Write(_folder.File("a.tif"));
        SetTag(path, TiffTag.IMAGEWIDTH, 10_000);
        SetTag(path, TiffTag.IMAGELENGTH, 10_000);
        SetTag(path, TiffTag.ROWSPERSTRIP, 10_000);
        Assert.Contains("vips tiffsave", Assert.Throws<SlideException>(() => Slide.Open(path, _managed)).Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever is broken, the file is named, and nothing but the library's own exception comes.</summary>
    [Fact]
    public void DamagedFiles_NeverFailOtherwise()
    {
        var bytes = File.ReadAllBytes(new TestTiff { Levels = 2, Compression = Compression.JPEG, Photometric = Photometric.YCBCR }.Write(_folder.File("whole.tif")));
        var random = new Random(3);
        var path = _folder.File("broken.tif");
        for (var round = 0; round < 150; round++)
        {
            var broken = (byte[])bytes.Clone();
            if (round % 3 == 0)
            {
                Array.Resize(ref broken, random.Next(8, broken.Length));
            }

            for (var change = 0; change < (round % 3 == 0 ? 0 : 30); change++)
            {
                // Directories are at the end.
                broken[round % 3 == 1 ? random.Next(8, broken.Length) : random.Next(broken.Length - 1000, broken.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, broken);
            try
            {
                using var slide = Slide.Open(path, _managed);
                _ = slide.ReadRegion(0, 0, 200, 150, 1.5);
            }
            catch (SlideException exception)
            {
                Assert.Contains(path, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Overwrites the value of a tag of the first directory of a little-endian TIFF.</summary>
    private static void SetTag(string path, TiffTag tag, int value)
    {
        var bytes = File.ReadAllBytes(path);
        var at = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        for (var entries = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)); entries > 0; entries--)
        {
            var entry = bytes.AsSpan(at + 2 + ((entries - 1) * 12), 12);
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry) == (int)tag)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], 4);
                BinaryPrimitives.WriteInt32LittleEndian(entry[8..], value);
            }
        }

        File.WriteAllBytes(path, bytes);
    }
}
