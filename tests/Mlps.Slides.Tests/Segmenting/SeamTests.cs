using Mlps.ML;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Mlps.Torch.Inference;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>A network that looks around sees something else in each tile; blending must not let that show.</summary>
[Collection(TrainedModel.Name)]
public sealed class SeamTests(TrainedModel trained) : IDisposable
{
    private const int TileSize = 64;
    private const int Stride = TileSize / 2;
    private const int Side = 12 * Stride;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PredictionMode.Whole)]
    [InlineData(PredictionMode.Windows)]
    public void Differences_AcrossTheBordersOfTiles_AreNoLargerThanInside(PredictionMode prediction)
    {
        using var slide = new StubSource(Side, Side) { Size = (1, 1), Color = Tissue }.Open();
        var tiles = trained.Ml.TissueSegmentation.Tiles(slide, new TileOptions { MicronsPerPixel = 1, Size = TileSize, Mask = TissueMask.Whole(slide) });
        using var bands = BandFile.Open(_folder.Combine("mask.bands"), "seam", Side, Side, Stride);


        // The gate of so short a training may leave one tissue alone.
        var model = SlideModel.Of(trained.Model, trained.Model.LastTransformer.Segmentation with { Gate = GateMode.None, Prediction = prediction });
        new SlideMasker(model, tiles, bands).Run(CancellationToken.None);
        var (classes, probability) = (new byte[Side * Side], new byte[Side * Side]);
        bands.Read(0, Side, classes, probability);
        var first = classes.Zip(probability, (value, share) => (value == 0 ? share : byte.MaxValue - share) / (double)byte.MaxValue).ToArray();

        AssertNoSeam((across, along) => first[(along * Side) + across]);
        AssertNoSeam((across, along) => first[(across * Side) + along]);
    }

    /// <summary>Compares steps at the borders of tiles with those in their middles, where the network's own grid of 16 px lies alike.</summary>
    private static void AssertNoSeam(Func<int, int, double> value)
    {
        double Step(int at) => Enumerable.Range(0, Side).Average(along => Math.Abs(value(at, along) - value(at - 1, along)));
        double[] borders = [.. Enumerable.Range(1, (Side / Stride) - 1).Select(tile => Step(tile * Stride))];
        double[] middles = [.. Enumerable.Range(0, Side / Stride).Select(tile => Step((tile * Stride) + (Stride / 2)))];
        Assert.True(middles.Average() > 0.002, $"The network sees no difference: {middles.Average()}.");
        Assert.True(borders.Average() <= middles.Average(), $"Steps of {borders.Average():f5} at borders, {middles.Average():f5} inside.");
        Assert.True(borders.Max() <= 1.5 * middles.Max(), $"A step of {borders.Max():f5} at a border, {middles.Max():f5} inside.");
    }

    /// <summary>The two tissues that the network knows, in patches that do not follow the tiles.</summary>
    private static (byte Red, byte Green, byte Blue) Tissue(int level, int x, int y)
    {
        var noise = ((x * 7) + (y * 13)) % 17;
        var isFirst = Math.Sin(x / 19.0) + Math.Sin((y + (x / 3)) / 23.0) > 0;
        return isFirst ? ((byte)(200 + noise), (byte)((x % 4 < 2 ? 40 : 90) + noise), (byte)(60 + noise)) : ((byte)(60 + noise), (byte)((y % 4 < 2 ? 40 : 90) + noise), (byte)(200 + noise));
    }
}
