using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

public sealed class BandFileTests : IDisposable
{
    private const int Width = 7;
    private const int Height = 11;
    private const int BandHeight = 4;
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.Combine("mask.bands");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 11)]
    [InlineData(3, 6)]
    [InlineData(10, 1)]
    [InlineData(4, 4)]
    public void Read_AnyRows_GivesWhatWasAdded(int y, int count)
    {
        using var file = Whole();
        var (classes, probability) = (new byte[count * Width], new byte[count * Width]);

        file.Read(y, count, classes, probability);
        var alone = new byte[count * Width];
        file.Read(y, count, alone, []);

        Assert.Equal(3, file.BandCount);
        Assert.Equal([3, 4], [file.LinesOf(2), file.LinesOf(1)]);
        Assert.Equal(Enumerable.Range(y * Width, count * Width).Select(Class), classes);
        Assert.Equal(Enumerable.Range(y * Width, count * Width).Select(Probability), probability);
        Assert.Equal(classes, alone);
    }

    [Fact]
    public void Open_AFileThatWasCutAnywhere_KeepsTheBandsThatAreWhole()
    {
        Whole().Dispose();
        var bytes = File.ReadAllBytes(FilePath);
        var counts = new HashSet<int>();
        for (var length = 0; length <= bytes.Length; length++)
        {
            File.WriteAllBytes(FilePath, bytes[..length]);
            using (var file = Open())
            {
                counts.Add(file.Count);
                while (file.Count < file.BandCount)
                {
                    file.Append(Band(file.Count));
                }
            }

            Assert.Equal(bytes, File.ReadAllBytes(FilePath));
        }

        Assert.Equal([0, 1, 2, 3], counts.Order());
    }

    [Fact]
    public void Open_AFileWithAFlippedBit_KeepsNoBandThatHasIt()
    {
        Whole().Dispose();
        var bytes = File.ReadAllBytes(FilePath);
        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= 4;
            File.WriteAllBytes(FilePath, flipped);
            using var file = Open();

            Assert.True(file.Count < 3, $"the bit at {at} was not seen");
            for (var band = 0; band < file.Count; band++)
            {
                var classes = new byte[BandHeight * Width];
                file.Read(band * BandHeight, BandHeight, classes, []);
                Assert.Equal(Band(band)[..classes.Length], classes);
            }
        }
    }

    [Fact]
    public void Note_IsKeptWithItsBand()
    {
        using (var file = Open())
        {
            file.Append(Band(0), [1, 2, 3]);
            file.Append(Band(1));
        }

        using var again = Open();
        Assert.Equal([1, 2, 3], again.Note(0));
        Assert.Empty(again.Note(1));
        var classes = new byte[BandHeight * Width];
        again.Read(0, BandHeight, classes, []);
        Assert.Equal(Band(0)[..classes.Length], classes);
    }

    [Theory]
    [InlineData("other", Width, Height, BandHeight)]
    [InlineData("key", Width + 1, Height, BandHeight)]
    [InlineData("key", Width, Height + 1, BandHeight)]
    [InlineData("key", Width, Height, BandHeight + 1)]
    public void Open_AFileOfSomethingElse_BeginsAnew(string key, int width, int height, int bandHeight)
    {
        Whole().Dispose();

        using var file = BandFile.Open(FilePath, key, width, height, bandHeight);

        Assert.Equal(0, file.Count);
    }

    [Fact]
    public void Open_WhileAnotherRunHasIt_IsRefused()
    {
        using var file = Whole();

        Assert.Throws<IOException>(Open);
    }

    private BandFile Open() => BandFile.Open(FilePath, "key", Width, Height, BandHeight);

    private BandFile Whole()
    {
        var file = Open();
        for (var band = 0; band < file.BandCount; band++)
        {
            file.Append(Band(band));
        }

        return file;
    }

    private static byte[] Band(int band)
    {
        var pixels = Enumerable.Range(band * BandHeight * Width, Math.Min(BandHeight, Height - (band * BandHeight)) * Width).ToArray();
        return [.. pixels.Select(Class), .. pixels.Select(Probability)];
    }

    private static byte Class(int pixel) => (byte)(pixel % 5);

    private static byte Probability(int pixel) => (byte)(pixel * 31);
}
