using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

/// <summary>Activation maps averaged over flips and quarter turns.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class ActivationMapViewTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly PatchClassifier _classifier = new(TwoTissues.Classifier(), Normalization.None, (16, 16), CPU);

    public void Dispose()
    {
        _classifier.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(24, 24)]
    [InlineData(24, 40)]
    [InlineData(20, 33)]
    public void Maps_OverViews_AreTheMeanOfTheViewsMapsTurnedBack(int height, int width)
    {
        var images = TwoTissues.RandomImages(2, height, width);

        // Each view and the way back, spelt out.
        (Func<Tensor, Tensor> To, Func<Tensor, Tensor> Back)[] views =
        [
            (image => image, map => map),
            (image => image.flip(3), map => map.flip(4)),
            (image => image.flip(2), map => map.flip(3)),
            (image => image.flip(2, 3), map => map.flip(3, 4)),
            (image => image.transpose(2, 3), map => map.transpose(3, 4)),
            (image => image.transpose(2, 3).flip(3), map => map.flip(4).transpose(3, 4)),
            (image => image.transpose(2, 3).flip(2), map => map.flip(3).transpose(3, 4)),
            (image => image.transpose(2, 3).flip(2, 3), map => map.flip(3, 4).transpose(3, 4)),
        ];
        var single = views.Select(view => view.Back(Maps(view.To(images), 1))).ToArray();

        foreach (var count in new[] { 2, 4, 8 })
        {
            var mean = stack(single.Take(count)).mean([0]);
            var actual = Maps(images, count);
            Assert.Equal([2, 3, 2, (height + 7) / 8, (width + 7) / 8], actual.shape);
            Assert.True(actual.sub(mean).norm().ToDouble() < 1e-4 * mean.norm().ToDouble());
        }

        Assert.False(single[0].allclose(stack(single).mean([0]), 1e-2, 1e-3), "Equal views would prove nothing.");
    }

    [Fact]
    public void Maps_OfOneView_AreThoseWithoutViewsToTheBit()
    {
        var images = TwoTissues.RandomImages(2, 24, 32);

        Assert.Equal(_classifier.ComputeActivationMaps(images, ActivationLayers.Default).data<float>().ToArray(), Maps(images, 1).data<float>().ToArray());
    }

    [Fact]
    public void Maps_OverEightViewsWithLabels_AreZeroForTissuesThatDoNotOccur()
    {
        var labels = tensor(new[] { true, false, true, true }, [2, 2]);
        var images = TwoTissues.RandomImages(2, 24, 24);

        var maps = _classifier.ComputeActivationMaps(images, ActivationLayers.Default, labels, views: 8);

        Assert.Equal(0, maps[0].select(1, 1).abs().max().ToDouble());
        Assert.True(maps[1].allclose(Maps(images, 8)[1], 1e-4, 1e-6));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16)]
    public void Maps_OverAnotherNumberOfViews_AreRefused(int views)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Maps(TwoTissues.RandomImages(1, 16, 16), views));

        Assert.Contains("1, 2, 4 or 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_OfAnotherEncodersLayer_AreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => _classifier.ComputeActivationMaps(TwoTissues.RandomImages(1, 16, 16), [ActivationLayer.Bn7, ActivationLayer.Layer3]));

        Assert.Contains("ResNet38 has no layer Layer3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_OverViewsManyTimes_LeaveNoTensorsBehind()
    {
        var images = TwoTissues.RandomImages(1, 16, 16);
        Maps(images, 8).Dispose();
        var before = TwoTissues.LiveTensors;

        for (var i = 0; i < 3; i++)
        {
            Maps(images, 8).Dispose();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }

    private Tensor Maps(Tensor images, int views) => _classifier.ComputeActivationMaps(images, ActivationLayers.Default, views: views);
}
