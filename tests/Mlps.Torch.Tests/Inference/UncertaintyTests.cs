using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

[Collection(GlobalGenerator.Name)]
public sealed class UncertaintyTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Segmenter _segmenter = new(TwoTissues.Segmenter(classCount: 3), Normalization.ImageNet, (16, 16), CPU);

    public void Dispose()
    {
        _segmenter.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(PredictionMode.Whole, 1)]
    [InlineData(PredictionMode.Windows, 1)]
    [InlineData(PredictionMode.Windows, 4)]
    public void Entropy_AnyImage_IsThatOfTheProbabilities(PredictionMode mode, int views)
    {
        var images = TwoTissues.RandomImages(2, 40, 24);
        var gate = rand(2, 3, 5, 3);
        var options = new PredictionOptions { Prediction = mode, Views = views, GateThreshold = 0.5 };

        var uncertainty = _segmenter.PredictUncertainty(images, gate, options);

        var probabilities = _segmenter.PredictProbabilities(images, gate, options).to(ScalarType.Float64);
        var terms = where(probabilities.gt(0), probabilities.mul(probabilities.clamp_min(1e-300).log()), zeros_like(probabilities));
        Assert.Equal([2, 40, 24], uncertainty.shape);
        Assert.True(probabilities.eq(0).any().ToBoolean());
        Assert.True(uncertainty.to(ScalarType.Float64).allclose(terms.sum(1).div(-Math.Log(3)), 1e-4, 1e-5));
    }

    [Fact]
    public void Entropy_Extremes_AreZeroAndOne()
    {
        var probabilities = tensor(new float[] { 1, 0, 0, 1f / 3, 1f / 3, 1f / 3, 0.5f, 0.5f, 0 }, [3, 3, 1, 1]);

        var entropies = PixelEntropy.Of(probabilities).data<float>().ToArray();

        Assert.Equal(0, entropies[0], 1e-6);
        Assert.Equal(1, entropies[1], 1e-6);
        Assert.Equal(Math.Log(2) / Math.Log(3), entropies[2], 1e-6);
        Assert.Equal([0f, 0f], PixelEntropy.Of(ones(2, 1, 1, 1)).data<float>().ToArray());
    }

    [Theory]
    [InlineData(PredictionMode.Whole, false, BlendingKind.Uniform)]
    [InlineData(PredictionMode.Windows, true, BlendingKind.Uniform)]
    [InlineData(PredictionMode.Windows, true, BlendingKind.Hann)]
    public void Spread_OfViews_IsTheDeviationOfWhatEachWindowOfEachViewSays(PredictionMode mode, bool isGated, BlendingKind blending)
    {
        var images = TwoTissues.RandomImages(1, 27, 40);
        var gate = isGated ? rand(1, 3, 4, 5) : null;
        var options = new PredictionOptions { Prediction = mode, Views = 8, GateThreshold = 0.4, Blending = blending, Uncertainty = UncertaintyKind.Spread };
        var along = arange(16).add(0.5).mul(Math.PI / 16).sin().square();
        var weights = blending is BlendingKind.Uniform ? ones(1, 1) : along.unsqueeze(1).mul(along);
        var (mean, squares) = (zeros(1, 3, 27, 40), zeros(1, 27, 40));
        for (var view = 0; view < 8; view++)
        {
            // Every view has windows of its own, so it is averaged by itself first.
            var seen = ImageViews.Apply(images, view).contiguous();
            var (height, width) = (seen.shape[2], seen.shape[3]);
            var (sum, square, count) = (zeros(1, 3, height, width), zeros(1, height, width), zeros(1, height, width));
            var size = mode is PredictionMode.Whole ? (27, 40) : (16, 16);
            foreach (var (top, left) in WindowGrid.Over((int)height, (int)width, mode is PredictionMode.Whole ? ((int)height, (int)width) : size).Corners)
            {
                var (h, w) = mode is PredictionMode.Whole ? (height, width) : (16, 16);
                var logits = _segmenter.PredictLogits(seen.narrow(2, top, h).narrow(3, left, w), PredictionMode.Whole);
                if (gate is not null)
                {
                    var closed = ImageViews.Apply(CellGrid.Spread(gate.gt(0.4f), 0, 27, 40), view).narrow(2, top, h).narrow(3, left, w).logical_not();
                    var nothing = closed.all(1, keepdim: true);
                    var highest = ImageViews.Apply(CellGrid.Spread(zeros_like(gate).scatter(1, gate.argmax(1, keepdim: true), ones_like(gate)), 0, 27, 40), view).narrow(2, top, h).narrow(3, left, w).eq(0);
                    logits = logits.masked_fill(where(nothing, highest, closed), float.NegativeInfinity);
                }

                var shares = logits.softmax(1);
                sum.narrow(2, top, h).narrow(3, left, w).add_(shares.mul(weights));
                square.narrow(1, top, h).narrow(2, left, w).add_(shares.square().sum(1).mul(weights));
                count.narrow(1, top, h).narrow(2, left, w).add_(weights);
            }

            mean.add_(ImageViews.Undo(sum.div(count.unsqueeze(1)), view).div(8));
            squares.add_(ImageViews.Undo(square.div(count), view).div(8));
        }

        var spread = _segmenter.PredictUncertainty(images, gate, options);

        Assert.True(spread.allclose(squares.sub(mean.square().sum(1)).div(2 / 3.0).clamp(0, 1).sqrt(), 1e-3, 2e-3));
        Assert.True(spread.max().ToSingle() > 0.02, $"The views hardly differ: {spread.max().ToSingle()}.");
    }

    [Fact]
    public void Spread_ManyImages_EachAsIfAlone()
    {
        var images = TwoTissues.RandomImages(3, 40, 24);
        var gate = rand(3, 3, 1, 1);
        var options = new PredictionOptions { Views = 2, GateThreshold = 0.5, Uncertainty = UncertaintyKind.Spread };

        var together = _segmenter.PredictUncertainty(images, gate, options);

        for (var n = 0; n < 3; n++)
        {
            Assert.True(together.narrow(0, n, 1).allclose(_segmenter.PredictUncertainty(images.narrow(0, n, 1), gate.narrow(0, n, 1), options), 1e-3, 1e-3));
        }
    }

    [Fact]
    public void Spread_ImageThatIsItsOwnMirrorImage_IsZero()
    {
        var half = TwoTissues.RandomImages(1, 16, 8);
        var images = cat([half, half.flip(3)], 3);

        var spread = _segmenter.PredictUncertainty(images, gate: null, new() { Prediction = PredictionMode.Whole, Views = 2, Uncertainty = UncertaintyKind.Spread });

        // The network itself is not symmetric: mirrored pixels have the same spread.
        Assert.True(spread.allclose(spread.flip(2), 1e-3, 1e-3));
        Assert.True(_segmenter.PredictUncertainty(zeros(1, 3, 1, 1, ScalarType.Byte), gate: null, new() { Views = 8, Uncertainty = UncertaintyKind.Spread }).max().ToSingle() < 1e-3);
    }

    [Fact]
    public void Spread_OfOneView_Throws() => Assert.Contains(
        "Views is 1",
        Assert.Throws<ArgumentOutOfRangeException>(() => _segmenter.PredictUncertainty(TwoTissues.RandomImages(1, 16, 16), gate: null, new() { Uncertainty = UncertaintyKind.Spread })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Uncertainty_ManyTimes_LeavesNoTensorsBehind()
    {
        var images = TwoTissues.RandomImages(2, 24, 24);
        var gate = rand(2, 3, 3, 3);
        Round();
        var before = TwoTissues.LiveTensors;

        for (var i = 0; i < 3; i++)
        {
            Round();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);

        void Round()
        {
            _segmenter.PredictUncertainty(images, gate, new()).Dispose();
            _segmenter.PredictUncertainty(images, gate, new() { Views = 2, Uncertainty = UncertaintyKind.Spread }).Dispose();
        }
    }
}
