using Mlps.Torch.Networks;
using Xunit;

namespace Mlps.Torch.Tests.Networks;

/// <summary>Width and dropout of pyramid and decoder.</summary>
public class SegmenterHeadTests
{
    [Fact]
    public void HeadWidth_NarrowsPyramidAndDecoderAlone()
    {
        using var published = new DeepLabV3Plus(2, new() { Backbone = BackboneKind.ResNet18 });
        using var narrow = new DeepLabV3Plus(2, new() { Backbone = BackboneKind.ResNet18, HeadWidth = 0.25 });

        Assert.Equal(256, Rows(published, "decoder.last_conv.0.weight"));
        Assert.Equal(48, Rows(published, "decoder.conv1.weight"));
        Assert.Equal(64, Rows(narrow, "decoder.last_conv.0.weight"));
        Assert.Equal(64, Rows(narrow, "aspp.aspp2.atrous_conv.weight"));
        Assert.Equal(12, Rows(narrow, "decoder.conv1.weight"));
        Assert.Equal(Rows(published, "backbone.layer4.0.conv1.weight"), Rows(narrow, "backbone.layer4.0.conv1.weight"));
    }

    [Theory]
    [InlineData(0.5, 0.1)]
    [InlineData(0.1, 0.02)]
    [InlineData(0, 0)]
    public void HeadDropout_IsThatOfPyramidAndDecoder(double given, double expectedLast)
    {
        using var network = new DeepLabV3Plus(2, new() { Backbone = BackboneKind.Compact, Width = 0.25, HeadDropout = given });

        Assert.Equal([given, given, expectedLast], network.modules().OfType<SeededDropout>().Select(dropout => Math.Round(dropout.Rate, 12)));
    }

    [Fact]
    public void ValuesOutsideTheirRange_AreNamed()
    {
        var width = Assert.Throws<ArgumentOutOfRangeException>(new SegmenterArchitecture { HeadWidth = 1.5 }.Check);
        var dropout = Assert.Throws<ArgumentOutOfRangeException>(new SegmenterArchitecture { HeadDropout = 1 }.Check);

        Assert.Equal(nameof(SegmenterArchitecture.HeadWidth), width.ParamName);
        Assert.Equal(nameof(SegmenterArchitecture.HeadDropout), dropout.ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(new SegmenterArchitecture { HeadWidth = 0 }.Check);
        Assert.Throws<ArgumentOutOfRangeException>(new SegmenterArchitecture { HeadDropout = double.NaN }.Check);
    }

    private static long Rows(DeepLabV3Plus network, string name) => network.state_dict()[name].shape[0];
}
