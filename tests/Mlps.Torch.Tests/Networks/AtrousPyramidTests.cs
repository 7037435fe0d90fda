using Mlps.Torch.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

/// <summary>How far the pyramid's branches reach, whether all their taps learn from patches of 96 pixels, and what it sees of the whole image.</summary>
public class AtrousPyramidTests
{
    private const int Patch = 96;

    [Theory]
    [InlineData(6, 16, 6)]
    [InlineData(6, 8, 12)]
    [InlineData(1, 16, 1)]
    [InlineData(1, 8, 2)]
    public void Branches_ReachByTheRate_AtEveryOutputStride(int rate, int stride, long expected)
    {
        using var network = Network(rate, stride);

        Assert.Equal(expected, Spacing(network, "aspp.aspp2"));
        Assert.Equal(2 * expected, Spacing(network, "aspp.aspp3"));
        Assert.Equal(3 * expected, Spacing(network, "aspp.aspp4"));
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(1, 9)]
    public void TapsThatLearnFromAPatch_AreThoseInsideIt(int rate, int expected)
    {
        using var network = Network(rate, outputStride: 16);
        using var images = rand([2, 3, Patch, Patch], generator: new Generator(1));
        network.forward(images).square().sum().backward();

        using var moved = network.named_parameters().Single(named => named.name == "aspp.aspp2.atrous_conv.weight").parameter.grad!.abs().sum([0, 1]);
        Assert.Equal(expected, moved.data<float>().Count(value => value > 0));
    }

    /// <summary>Without the mean over the image, what is far away changes nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ImagePooling_MakesPixelsDependOnAllOthers(bool pools)
    {
        using var scope = NewDisposeScope();
        using var network = new DeepLabV3Plus(2, new() { Backbone = BackboneKind.ResNet18, Width = 1.0 / 16, AtrousRate = 1, ImagePooling = pools });
        network.eval();
        using var noGrad = no_grad();
        var images = rand([1, 3, 32, 2048], generator: new Generator(1));
        var others = images.clone();
        others.narrow(3, 1984, 64).fill_(0);

        var difference = network.forward(images).sub(network.forward(others)).narrow(3, 0, 64).abs().max().item<float>();

        Assert.Equal(pools, difference > 0);
        Assert.Equal(pools, network.state_dict().Keys.Any(name => name.Contains("global_avg_pool", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void ARateOutsideItsRange_IsNamed(int rate)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(new SegmenterArchitecture { AtrousRate = rate }.Check);

        Assert.Equal(nameof(SegmenterArchitecture.AtrousRate), error.ParamName);
        Assert.Contains("from 1 to 64", error.Message, StringComparison.Ordinal);
    }

    private static DeepLabV3Plus Network(int rate, int outputStride) =>
        new(2, new() { Backbone = BackboneKind.ResNet18, OutputStride = outputStride, Width = 0.25, AtrousRate = rate });

    private static long Spacing(DeepLabV3Plus network, string branch) =>
        ((TorchSharp.Modules.Conv2d)network.named_modules().Single(named => named.name == branch + ".atrous_conv").module).dilation[0];
}
