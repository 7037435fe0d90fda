using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Parity;

public sealed class BackgroundParityTests
{
    [Fact]
    public void Find_RecordedSpecks_KeepsTheRecordedRegions()
    {
        var figures = ReferenceFigures.WithTests("units");
        var specks = figures.Bytes("specks_in").Select(value => value != 0 ? (byte)255 : (byte)0).ToArray();
        var kept = figures.Bytes("specks_kept").Select(value => value != 0 ? (byte)1 : (byte)0).ToArray();
        var mask = new byte[specks.Length];

        BackgroundMask.Find([.. specks, .. specks, .. specks], 224, 224, 200, 50, mask);

        Assert.NotEqual(specks.Count(value => value != 0), mask.Count(value => value != 0));
        Assert.Equal(kept, mask);
    }

    [SharedDataFact]
    public void Find_RecordedTrainingImages_GivesTheRecordedMasks()
    {
        var recorded = ReferenceFigures.Shared("units").Bytes("bg_mask_train");
        var files = Directory.GetFiles(SharedData.File("oracle", "dataset", "LUAD-synth", "train"), "*.png").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(8, files.Length);

        for (var n = 0; n < files.Length; n++)
        {
            var (pixels, height, width) = RgbPng.Read(files[n]);
            var mask = new byte[height * width];
            BackgroundMask.Find(pixels, height, width, 200, 50, mask);
            Assert.Equal(recorded[(n * mask.Length)..((n + 1) * mask.Length)], mask);
        }
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(200, 200, 200, 200)]
    public void Grey_IsTheRoundedLuma(byte red, byte green, byte blue, int expected) =>
        Assert.Equal(expected, BackgroundMask.Grey(red, green, blue));

    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    public void Find_RegionAtTheBound_IsKeptFromFiftyPixels(int size, bool kept)
    {
        var image = new byte[20 * 20];
        Array.Fill(image, (byte)201, 0, size);
        var mask = new byte[image.Length];

        BackgroundMask.Find([.. image, .. image, .. image], 20, 20, 200, 50, mask);

        Assert.Equal(kept ? size : 0, mask.Count(value => value == 1));
    }

    [Fact]
    public void Find_PixelsThatTouchAtCorners_AreNotOneRegion()
    {
        var image = new byte[20 * 20];
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = ((i / 20) + (i % 20)) % 2 == 0 ? (byte)255 : (byte)0;
        }

        var mask = new byte[image.Length];
        BackgroundMask.Find([.. image, .. image, .. image], 20, 20, 200, 50, mask);

        Assert.All(mask, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Find_GreyAtTheThreshold_IsNotBackground()
    {
        var mask = new byte[10 * 10];

        BackgroundMask.Find(Enumerable.Repeat((byte)200, 300).ToArray(), 10, 10, 200, 50, mask);
        Assert.All(mask, value => Assert.Equal(0, value));

        BackgroundMask.Find(Enumerable.Repeat((byte)200, 300).ToArray(), 10, 10, 199, 50, mask);
        Assert.All(mask, value => Assert.Equal(1, value));
    }
}
