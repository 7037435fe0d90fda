using FsCheck;
using FsCheck.Fluent;
using Mlps.Torch.PseudoMasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.PseudoMasks;

/// <summary>Background of whole batches at once, as GPUs compute it, against walking through each region.</summary>
public sealed class BackgroundOfBatchesTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void ByWholeImages_AnyImages_EqualsWalking()
    {
        var cases =
            from seed in Gen.Choose(0, int.MaxValue)
            from height in Gen.Choose(1, 24)
            from width in Gen.Choose(1, 24)
            from minimum in Gen.Choose(0, 20)
            from share in Gen.Choose(30, 75)
            select (seed, height, width, minimum, share);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(cases.ToArbitrary(), HoldsFor));

        static bool HoldsFor((int Seed, int Height, int Width, int Minimum, int Share) given)
        {
            // White with a share near the one at which regions grow together, so that they have all sizes and shapes.
            var random = new Random(given.Seed);
            var pixels = Enumerable.Range(0, 2 * given.Height * given.Width).Select(_ => random.Next(100) < given.Share ? (byte)255 : (byte)random.Next(200)).ToArray();
            return AreEqual(pixels, given.Height, given.Width, new BackgroundOptions { MinimumRegion = given.Minimum });
        }
    }

    [Theory]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    public void ByWholeImages_LongWindingRegion_CountsAllOfIt(int minimum)
    {
        // One path of 49 pixels: five rows of 9, joined at alternate ends.
        const int Side = 9;
        var pixels = new byte[2 * Side * Side];
        for (var place = 0; place < Side * Side; place++)
        {
            var (row, column) = Math.DivRem(place, Side);
            pixels[place] = row % 2 == 0 || column == (row % 4 == 1 ? Side - 1 : 0) ? (byte)255 : (byte)0;
        }

        pixels.AsSpan(0, Side * Side).CopyTo(pixels.AsSpan(Side * Side));
        pixels.AsSpan(Side * Side).Reverse();
        Assert.Equal(2 * 49, pixels.Count(pixel => pixel == 255));
        Assert.True(AreEqual(pixels, Side, Side, new BackgroundOptions { MinimumRegion = minimum }));
    }

    [Fact]
    public void ByWholeImages_EveryColour_IsWhiteWhereWalkingSaysSo()
    {
        var images = randint(150, 256, [2, 3, 64, 64], dtype: ScalarType.Byte);
        foreach (var threshold in (int[])[0, 200, 254, 255])
        {
            var options = new BackgroundOptions { GreyThreshold = threshold, MinimumRegion = 0 };
            Assert.True(BackgroundMask.Find(images, options).Equals(BackgroundMask.ByWholeImages(images, options)));
        }
    }

    private static bool AreEqual(byte[] grey, int height, int width, BackgroundOptions options)
    {
        using var scope = NewDisposeScope();
        var images = tensor(grey, [2, 1, height, width]).expand(2, 3, height, width).contiguous();
        return BackgroundMask.Find(images, options).Equals(BackgroundMask.ByWholeImages(images, options));
    }
}
