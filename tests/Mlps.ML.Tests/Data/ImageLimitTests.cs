using System.Buffers.Binary;
using System.IO.Hashing;
using Mlps.ML.Png;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class ImageLimitTests
{
    [Theory]
    [InlineData(0L, 1L << 20)]
    [InlineData(4L << 30, ((4L << 30) - (512L << 20)) / 128)]
    [InlineData(1L << 40, PngHeader.MaximumPixels)]
    public void For_AMemory_IsWhatFitsAt128BytesAPixel(long memory, long pixels) => Assert.Equal(pixels, ImageLimit.For(memory));

    [Fact]
    public void Check_MoreThanFits_NamesTheFileTheSizeAndTheLimit()
    {
        var error = Assert.Throws<TissueDataException>(() => ImageLimit.Check(int.MaxValue, int.MaxValue, long.MaxValue, "big.jpg"));

        Assert.StartsWith("big.jpg: The image says that it is 2147483647 x 2147483647 pixels", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A file of kilobytes that unpacks to a gigabyte: the header alone decides.</summary>
    [Fact]
    public void FromBytes_HeaderOfManyPixels_IsRefusedBeforeMemoryIsTaken()
    {
        var png = PalettePng.ToBytes(new byte[64], 8, 8, [new TissueColor(0, 0, 0), new TissueColor(255, 255, 255)]);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 16_384);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 16_385);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(png));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>A mask of 400 bytes took 256 MiB.</summary>
    [Fact]
    public void ReadMask_HeaderOfManyPixels_IsRefusedBeforeMemoryIsTaken()
    {
        using var folder = new TemporaryFolder();
        new PngBuilder { Width = 8, Height = 8, ClaimedWidth = 16_384, ClaimedHeight = 16_384, Samples = new byte[64] }.Write(folder.File("mask.png"));

        foreach (var read in (Action[])[() => PalettePng.Read(folder.File("mask.png")), () => PalettePng.ReadMask(folder.File("mask.png"), DatasetBuilder.Classes)])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Contains("cannot hold", Assert.Throws<TissueDataException>(read).Message, StringComparison.Ordinal);

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }
}
