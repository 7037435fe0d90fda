using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>Directories that say what no file can have: each made LibTiff take gigabytes or ended OpenSlide.</summary>
public sealed class TiffStructureTests : IDisposable
{
    private const int EntryLength = 12;
    private const int BigEntryLength = 20;

    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.Combine("a.tif");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TiffTag.BITSPERSAMPLE, 4, 0x40000000u)]
    [InlineData(TiffTag.IMAGEDESCRIPTION, 4, 0x7FFFFFFFu)]
    [InlineData(TiffTag.TILEOFFSETS, 4, 0x10000000u)]
    [InlineData(TiffTag.TILEWIDTH, 8, 0u)]
    [InlineData(TiffTag.TILELENGTH, 8, 0u)]
    [InlineData(TiffTag.IMAGEWIDTH, 8, 0x7FFFFFFFu)]
    public void Open_FieldOfTheFirstDirectory_IsRefused(TiffTag tag, int place, uint value)
    {
        new TestTiff { Description = "a description" }.Write(FilePath);
        Edit(0, tag, place, value);

        AssertRefused();
    }

    /// <summary>Hamamatsu's files of more than 4 GiB begin as TIFF does and have places of 64 bits: what lies at the lower half of one is no directory.</summary>
    [Theory]
    [InlineData(65420, true)]
    [InlineData(65419, false)]
    public void Check_NdpiOfMoreThan4GiB_IsLeftToOpenSlide(int tag, bool isLeft)
    {
        const long Directory = 0x1_1000_0000, NoDirectory = 0x1000_0000;
        using (var file = File.Create(FilePath))
        {
            // A hole on disk, as nothing is written between.
            file.SetLength(Directory + 100);
            file.Write([0x49, 0x49, 42, 0, .. BitConverter.GetBytes(Directory)]);
            file.Position = NoDirectory;
            file.Write([1, 0, 0x15, 0xA1, 5, 0, .. BitConverter.GetBytes(0xF0000000u), 0, 0, 0, 0, 0, 0, 0, 0]);
            file.Position = Directory;
            file.Write([1, 0, .. BitConverter.GetBytes((ushort)tag), 4, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        }

        var error = Record.Exception(() => TiffSource.CheckStructure(FilePath));

        Assert.Equal(isLeft, error is null);
    }

    [Fact]
    public void Open_PieceLongerThanTheFile_IsRefused()
    {
        new TestTiff().Write(FilePath);
        var file = File.ReadAllBytes(FilePath);
        var lengths = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(Entry(file, 0, TiffTag.TILEBYTECOUNTS) + 8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(lengths + 8), int.MaxValue);
        File.WriteAllBytes(FilePath, file);

        AssertRefused();
    }

    [Fact]
    public void Open_BigTiffWithADirectoryOfManyEntries_IsRefused()
    {
        new TestTiff { IsBig = true }.Write(FilePath);
        var file = File.ReadAllBytes(FilePath);
        var directory = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(directory), (file.Length / BigEntryLength) + 1);
        File.WriteAllBytes(FilePath, file);

        AssertRefused();
    }

    /// <summary>OpenSlide 3.4.1 divides by zero there, and the process ends.</summary>
    [Fact]
    public void Open_AperioLevelWiderThanTheFirst_IsRefused()
    {
        new TestTiff { Description = "Aperio Image Library\n|MPP = 0.5", Levels = 2 }.Write(FilePath);
        Edit(1, TiffTag.IMAGEWIDTH, 8, 20_000);

        AssertRefused();
    }

    /// <summary>A picture in pieces of many samples is as large as one of many pixels.</summary>
    [Fact]
    public void Open_PiecesOfManySamples_AreRefused()
    {
        new TestTiff { Bits = 16, Samples = 4, Compression = Compression.LZW }.Write(FilePath);
        Edit(0, TiffTag.TILEWIDTH, 8, 8192);
        Edit(0, TiffTag.TILELENGTH, 8, 8192);

        AssertRefused();
    }

    /// <summary>.NET says the whole text where it is to be a number.</summary>
    [Fact]
    public void Open_NumberThatIsALongText_IsRefusedInAShortMessage()
    {
        new TestTiff { Compression = Compression.NONE, Tile = 0, Sample = static (_, _, _) => (byte)'x' }.Write(FilePath);
        var file = File.ReadAllBytes(FilePath);
        var entry = file.AsSpan(Entry(file, 0, TiffTag.SAMPLESPERPIXEL));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)TiffType.ASCII);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], 50_000);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 100);
        File.WriteAllBytes(FilePath, file);

        var refusal = Assert.Throws<SlideException>(() => Slide.Open(FilePath, new() { Backend = SlideBackend.Tiff }));

        Assert.Contains("xxxx", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 1, 2000);
    }

    [Fact]
    public void First_LongWordsOfLibTiff_AreCut()
    {
        using var messages = TiffMessages.Listen();

        Tiff.Error("ReadDirectory", "{0}", new string('y', 50_000));

        Assert.Contains("ReadDirectory: yyyy", messages.First, StringComparison.Ordinal);
        Assert.InRange(messages.First.Length, 1, 2000);
    }

    private void AssertRefused()
    {
        foreach (var options in (SlideOptions[])[new(), new() { Backend = SlideBackend.Tiff }])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Equal(FilePath, Assert.Throws<SlideException>(() =>
            {
                using var slide = Slide.Open(FilePath, options);
                slide.ReadRegion(0, 0, 8, 8);
            }).FilePath);

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    private void Edit(int directory, TiffTag tag, int place, uint value)
    {
        var file = File.ReadAllBytes(FilePath);
        var entry = Entry(file, directory, tag);
        if (place == 8)
        {
            // A LONG, whatever it was.
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry + 2), 4);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + place), value);
        File.WriteAllBytes(FilePath, file);
    }

    private static int Entry(byte[] file, int directory, TiffTag tag)
    {
        var at = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        for (; directory > 0; directory--)
        {
            at = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 2 + (EntryLength * BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)))));
        }

        at += 2;
        while (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)) != (ushort)tag)
        {
            at += EntryLength;
        }

        return at;
    }
}
