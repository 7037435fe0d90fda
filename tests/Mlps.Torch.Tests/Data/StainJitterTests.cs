using Mlps.Torch.Data;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Data;

public sealed class StainJitterTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = rand(4, 3, 8, 8);
    private readonly RandomStream[] _random = [.. Enumerable.Range(0, 4).Select(seed => new RandomStream(seed))];

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_VanishingStrength_ChangesNothingVisible()
    {
        var varied = StainJitter.Apply(_images, 1e-6, _random);

        Assert.True(varied.sub(_images).abs().max().ToDouble() < 1 / 255.0);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    public void Apply_AnyStrength_StaysInRangeAndChangesEachImageInItsOwnWay(double strength)
    {
        var same = _images[0].unsqueeze(0).expand(4, 3, 8, 8).contiguous();

        var varied = StainJitter.Apply(same, strength, _random);

        Assert.InRange(varied.min().ToDouble(), 0, 1);
        Assert.InRange(varied.max().ToDouble(), 0, 1);
        Assert.False(varied.isnan().any().ToBoolean());
        Assert.False(varied[0].allclose(varied[1], 1e-3, 1e-3));
        Assert.False(varied[0].allclose(_images[0], 1e-3, 1e-3));
    }

    [Fact]
    public void Apply_PureStain_KeepsItsHue()
    {
        // A colour of hematoxylin alone stays on the line of that stain's densities, but for the shift that all images get.
        var stain = tensor(new float[] { 0.65f, 0.70f, 0.29f }).view(1, 3, 1, 1);
        var image = cat([stain.mul(-0.5).exp(), stain.mul(-1).exp()], dim: 3);

        var varied = StainJitter.Apply(image, 0.3, _random.AsSpan(0, 1)).log().neg();

        var between = varied.select(3, 1).sub(varied.select(3, 0)).flatten();
        var scale = between.div(stain.flatten().mul(0.5));
        Assert.InRange(scale.min().ToDouble(), 0.7, 1.3);
        Assert.Equal(scale.min().ToDouble(), scale.max().ToDouble(), 3);
    }
}
