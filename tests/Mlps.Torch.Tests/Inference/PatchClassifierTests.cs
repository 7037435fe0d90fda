using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

[Collection(GlobalGenerator.Name)]
public sealed class PatchClassifierTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly PatchClassifier _classifier = new(TwoTissues.Classifier(), Normalization.None, (16, 16), CPU);

    public PatchClassifierTests()
    {
        // Without trained statistics features grow from block to block; probabilities that are all 0 or 1 would hide mistakes.
        using var noGrad = no_grad();
        _classifier.Network.Head.weight.mul_(0.1);
    }

    public void Dispose()
    {
        _classifier.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(Recipe.Default, false)]
    [InlineData(Recipe.Default, true)]
    [InlineData(Recipe.Reference, false)]
    public void PseudoMasks_AnyLabels_AreThoseOfTheActivationMaps(Recipe recipe, bool fused)
    {
        var images = cat([TwoTissues.RandomImages(4, 16, 16), full([1, 3, 16, 16], 255, ScalarType.Byte)]);
        var labels = tensor(new[] { true, true, false, true, false, false, true, true, true, true }, [5, 2]);
        var rules = new PseudoMaskRules { Recipe = recipe, FuseLayers = fused };

        var masks = _classifier.ComputePseudoMasks(images, labels, ActivationLayers.Default, rules, views: 2);

        var maps = _classifier.ComputeActivationMaps(images, ActivationLayers.Default, views: 2);
        Assert.Equal(PseudoMaskGenerator.Generate(maps, labels, images, rules), masks);
        Assert.Equal(3, masks.unique().output.shape[0]);
    }

    [Fact]
    public void PseudoMasks_LabelsOfOtherImages_AreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => _classifier.ComputePseudoMasks(TwoTissues.RandomImages(3, 16, 16), ones([2, 2]), ActivationLayers.Default));

        Assert.Contains("[2, 2] where 3 images and 2 classes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PseudoMasks_UnknownLayer_IsRefused() =>
        Assert.Throws<ArgumentException>(() => _classifier.ComputePseudoMasks(TwoTissues.RandomImages(1, 16, 16), zeros([1, 2]), [ActivationLayer.Layer2]));

    [Fact]
    public void Probabilities_OfABatch_AreThoseOfEachImage()
    {
        var images = TwoTissues.RandomImages(3, 16, 24);

        var together = _classifier.PredictProbabilities(images);

        Assert.Equal([3, 2], together.shape);
        Assert.True(together.allclose(cat([.. images.split(1).Select(image => _classifier.PredictProbabilities(image))]), 1e-4, 1e-5));
        Assert.True(together.gt(0).logical_and(together.lt(1)).all().ToBoolean());
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(12, 9)]
    public void WindowProbabilities_ImageOfThePatchSizeOrLess_AreConstant(int height, int width)
    {
        var images = TwoTissues.RandomImages(2, height, width);

        var cells = _classifier.PredictWindowProbabilities(images);

        Assert.Equal([2, 2, (height + 7) / 8, (width + 7) / 8], cells.shape);
        Assert.True(cells.allclose(_classifier.PredictProbabilities(images).unsqueeze(-1).unsqueeze(-1).expand_as(cells), 1e-4, 1e-5));
    }

    [Theory]
    [InlineData(40, 56, true)]
    [InlineData(35, 17, true)]
    [InlineData(16, 33, true)]
    [InlineData(48, 64, false)]
    [InlineData(35, 17, false)]
    public void WindowProbabilities_LargerImage_AreTheMeansOverTheWindowsThatHoldEachCell(int height, int width, bool overlap)
    {
        var images = TwoTissues.RandomImages(2, height, width);
        var grid = WindowGrid.Over(height, width, (16, 16), overlap);
        var windows = grid.Corners.Select(corner => _classifier.PredictProbabilities(images.narrow(2, corner.Top, 16).narrow(3, corner.Left, 16))).ToArray();

        var cells = _classifier.PredictWindowProbabilities(images, overlap: overlap);

        for (var row = 0; row < cells.shape[2]; row++)
        {
            for (var column = 0; column < cells.shape[3]; column++)
            {
                int y = Math.Min((row * 8) + 4, height - 1), x = Math.Min((column * 8) + 4, width - 1);
                var around = windows.Where((_, w) => IsIn(y, grid.Corners[w].Top) && IsIn(x, grid.Corners[w].Left)).ToArray();
                Assert.True(cells.select(3, column).select(2, row).allclose(stack(around).mean([0]), 1e-4, 1e-5));
            }
        }

        Assert.True(cells.std().ToDouble() > 1e-3, "Equal cells would prove nothing.");

        static bool IsIn(int pixel, int start) => pixel >= start && pixel < start + 16;
    }

    [Fact]
    public void ActivationMaps_AreGradCamOfThePreparedImages()
    {
        var images = TwoTissues.RandomImages(2, 16, 24);
        var (expected, _) = GradCam.Compute(_classifier.Network, images.to(ScalarType.Float32).div(255), ActivationLayers.Default);

        Assert.True(_classifier.ComputeActivationMaps(images, ActivationLayers.Default).allclose(expected, 1e-4, 1e-7));
    }

    [Fact]
    public void Probabilities_FromManyThreads_AreTheSame()
    {
        var images = TwoTissues.RandomImages(2, 40, 24);
        var whole = _classifier.PredictProbabilities(images).data<float>().ToArray();
        var maps = _classifier.ComputeActivationMaps(images, ActivationLayers.Default).data<float>().ToArray();

        Parallel.For(0, 8, _ =>
        {
            using var probabilities = _classifier.PredictProbabilities(images);
            using var activations = _classifier.ComputeActivationMaps(images, ActivationLayers.Default);
            Assert.Equal(whole, probabilities.data<float>().ToArray());
            Assert.Equal(maps, activations.data<float>().ToArray());
        });
    }

    [Fact]
    public void Questions_ManyTimes_LeaveNoTensorsBehind()
    {
        var images = TwoTissues.RandomImages(2, 24, 24);
        AskEverything();
        var before = TwoTissues.LiveTensors;

        for (var i = 0; i < 5; i++)
        {
            AskEverything();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);

        void AskEverything()
        {
            _classifier.PredictProbabilities(images).Dispose();
            _classifier.PredictWindowProbabilities(images).Dispose();
            _classifier.ComputeActivationMaps(images, ActivationLayers.Default).Dispose();
        }
    }

    [Fact]
    public void Probabilities_LeaveTheImagesAlone()
    {
        var images = TwoTissues.RandomImages(1, 16, 16);
        var before = images.data<byte>().ToArray();

        _classifier.PredictProbabilities(images);
        _classifier.PredictWindowProbabilities(images);

        Assert.Equal(before, images.data<byte>().ToArray());
    }
}
