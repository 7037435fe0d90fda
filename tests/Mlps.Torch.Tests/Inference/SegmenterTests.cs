using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

[Collection(GlobalGenerator.Name)]
public sealed class SegmenterTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Segmenter _segmenter = new(TwoTissues.Segmenter(classCount: 3), Normalization.ImageNet, (16, 16), CPU);

    public void Dispose()
    {
        _segmenter.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Logits_Whole_AreTheNetworksOfTheNormalisedImage()
    {
        var images = TwoTissues.RandomImages(2, 24, 40);
        using var noGrad = no_grad();
        var mean = tensor(new float[] { 0.485f, 0.456f, 0.406f }).view(1, 3, 1, 1);
        var deviation = tensor(new float[] { 0.229f, 0.224f, 0.225f }).view(1, 3, 1, 1);

        var expected = _segmenter.Network.forward(images.to(ScalarType.Float32).div(255).sub(mean).div(deviation));

        Assert.True(_segmenter.PredictLogits(images, PredictionMode.Whole).allclose(expected, 1e-4, 1e-4));
    }

    [Theory]
    [InlineData(40, 24, BlendingKind.Uniform)]
    [InlineData(16, 19, BlendingKind.Uniform)]
    [InlineData(40, 24, BlendingKind.Hann)]
    [InlineData(16, 19, BlendingKind.Hann)]
    public void Logits_Windows_AreTheMeansOfEachWindows(int height, int width, BlendingKind blending)
    {
        var images = TwoTissues.RandomImages(2, height, width);
        var side = blending is BlendingKind.Uniform ? ones(16) : arange(16).add(0.5).mul(Math.PI / 16).sin().square();
        var weights = side.unsqueeze(1).mul(side);
        var (sum, total) = (zeros(2, 3, height, width), zeros(1, 1, height, width));
        foreach (var (top, left) in WindowGrid.Over(height, width, (16, 16)).Corners)
        {
            var window = images.narrow(2, top, 16).narrow(3, left, 16);
            sum.narrow(2, top, 16).narrow(3, left, 16).add_(_segmenter.PredictLogits(window, PredictionMode.Whole).mul(weights));
            total.narrow(2, top, 16).narrow(3, left, 16).add_(weights);
        }

        var logits = _segmenter.PredictLogits(images, PredictionMode.Windows, blending: blending);

        Assert.True(logits.allclose(sum.div(total), 1e-3, 1e-3));
        Assert.False(logits.allclose(_segmenter.PredictLogits(images, PredictionMode.Whole), 1e-3, 1e-3));
    }

    [Fact]
    public void Logits_ImageOfThePatchSize_AreTheSameInBothModes()
    {
        var images = TwoTissues.RandomImages(2, 16, 16);

        Assert.True(_segmenter.PredictLogits(images, PredictionMode.Windows).allclose(_segmenter.PredictLogits(images, PredictionMode.Whole)));
    }

    [Fact]
    public void Logits_ImagesOfABatch_DoNotInfluenceEachOther()
    {
        var images = TwoTissues.RandomImages(2, 24, 24);

        foreach (var mode in Enum.GetValues<PredictionMode>())
        {
            Assert.True(_segmenter.PredictLogits(images, mode).narrow(0, 1, 1).allclose(_segmenter.PredictLogits(images.narrow(0, 1, 1), mode), 1e-3, 1e-4));
        }
    }

    [Fact]
    public void MasksAndProbabilities_UnderAGate_AgreeAndSumToOne()
    {
        var images = TwoTissues.RandomImages(2, 24, 24);
        var gate = rand(2, 3, 3, 3);
        var options = new PredictionOptions { GateThreshold = 0.5 };

        var probabilities = _segmenter.PredictProbabilities(images, gate, options);
        var masks = _segmenter.PredictMasks(images, gate, options);

        Assert.True(probabilities.sum(1).allclose(ones(2, 24, 24), 1e-5, 1e-5));
        Assert.True(masks.to(ScalarType.Int64).eq(probabilities.argmax(1)).all().ToBoolean());
        Assert.True(probabilities.eq(0).any().ToBoolean());
        Assert.False(_segmenter.PredictProbabilities(images, gate: null, options).eq(0).any().ToBoolean());
    }

    [Theory]
    [InlineData(PredictionMode.Whole)]
    [InlineData(PredictionMode.Windows)]
    public void Logits_OfEightViews_TurnWithTheImage(PredictionMode mode)
    {
        using var scope = NewDisposeScope();
        var images = TwoTissues.RandomImages(1, 32, 32);

        var logits = _segmenter.PredictLogits(images, mode, views: 8);

        Assert.False(logits.allclose(_segmenter.PredictLogits(images, mode), 1e-3, 1e-3));
        Assert.True(_segmenter.PredictLogits(images.flip(3), mode, views: 8).flip(3).allclose(logits, 1e-4, 1e-4));
        Assert.True(_segmenter.PredictLogits(images.rot90(1, (2, 3)), mode, views: 8).rot90(-1, (2, 3)).allclose(logits, 1e-4, 1e-4));
    }

    [Theory]
    [InlineData(PredictionMode.Whole, 24, 40)]
    [InlineData(PredictionMode.Windows, 40, 10)]
    public void Logits_OfEightViewsOfAnOblongImage_TurnWithTheImage(PredictionMode mode, int height, int width)
    {
        using var scope = NewDisposeScope();
        var images = TwoTissues.RandomImages(2, height, width);

        var logits = _segmenter.PredictLogits(images, mode, views: 8);

        Assert.Equal([2, 3, height, width], logits.shape);
        Assert.True(_segmenter.PredictLogits(images.rot90(1, (2, 3)), mode, views: 8).rot90(-1, (2, 3)).allclose(logits, 1e-4, 1e-4));
    }

    [Fact]
    public void Logits_OfTwoViews_AreTheMeanOfImageAndMirrorImage()
    {
        using var scope = NewDisposeScope();
        var images = TwoTissues.RandomImages(2, 24, 40);
        var mirrored = _segmenter.PredictLogits(images.flip(3), PredictionMode.Whole).flip(3);

        var logits = _segmenter.PredictLogits(images, PredictionMode.Whole, views: 2);

        Assert.True(logits.allclose(_segmenter.PredictLogits(images, PredictionMode.Whole).add(mirrored).div(2), 1e-5, 1e-5));
    }

    [Fact]
    public void Questions_ManyTimes_LeaveNoTensorsBehind()
    {
        var images = TwoTissues.RandomImages(2, 24, 24);
        var gate = rand(2, 3, 3, 3);
        AskEverything();
        var before = TwoTissues.LiveTensors;

        for (var i = 0; i < 5; i++)
        {
            AskEverything();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);

        void AskEverything()
        {
            _segmenter.PredictProbabilities(images, gate, new()).Dispose();
            _segmenter.PredictMasks(images, gate, new() { Prediction = PredictionMode.Whole, Recipe = Recipe.Reference }).Dispose();
        }
    }
}
