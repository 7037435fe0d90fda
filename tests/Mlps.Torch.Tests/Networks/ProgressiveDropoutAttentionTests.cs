using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

public sealed class ProgressiveDropoutAttentionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Map_ActivationsAboveTheThreshold_AreDroppedForTheirImageAndClassAlone()
    {
        // Two images, two classes, three places; the head passes each channel to its class.
        var features = tensor(new float[] { 1, 0.8f, 0.5f, 10, 2, -4, 3, 3, 1, 0, 0, 0 }, [2, 2, 1, 3]);
        var head = eye(2).view(2, 2, 1, 1);

        var map = new ProgressiveDropoutAttention(0.8, Divisor: 2).Map(features, head);

        // 0.8 of the maximum itself stays: only what is strictly above goes.
        float[] expected = [0, (0.8f + 2) / 2, 0.5f / 2, 0, 0, 1 / 2f];
        Assert.Equal(expected, map.flatten().data<float>().ToArray());
    }

    [Fact]
    public void Map_ThresholdOfOne_DropsNothing()
    {
        var features = rand(2, 5, 4, 4);
        var head = randn(3, 5, 1, 1);

        var map = new ProgressiveDropoutAttention(1, Divisor: 3).Map(features, head);

        Assert.True(map.allclose(nn.functional.conv2d(features, head).relu().mean([1], keepdim: true), 1e-5, 1e-6));
    }

    [Fact]
    public void Apply_IsFeaturesTimesMap()
    {
        var features = rand(2, 5, 4, 4);
        var head = randn(3, 5, 1, 1);
        var attention = new ProgressiveDropoutAttention(0.7, Divisor: 3);

        Assert.True(attention.Apply(features, head).allclose(features.mul(attention.Map(features, head))));
    }
}
