using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class NetworkNamesTests
{
    [Fact]
    public void ResNet38_FullWidth_HasThePublishedNamesAndShapesInOrder()
    {
        using var network = new ResNet38(4);

        AssertMatches("stage1_full", network);
        Assert.Equal(105_135_040, FloatsOf(network));
    }

    [Fact]
    public void ResNet38_SixteenthWidth_HasTheReducedShapesInOrder()
    {
        using var network = new ResNet38(4, 1.0 / 16);

        AssertMatches("stage1_small", network);
    }

    [Fact]
    public void DeepLabV3Plus_ResNetFullWidth_HasThePublishedNamesAndShapesInOrder()
    {
        using var network = new DeepLabV3Plus(4, new SegmenterArchitecture());

        AssertMatches("stage2_full", network);
        Assert.Equal(59_449_476, FloatsOf(network));
    }

    [Fact]
    public void DeepLabV3Plus_EighthWidth_HasTheReducedShapesInOrder()
    {
        using var network = new DeepLabV3Plus(4, new SegmenterArchitecture { Width = 1.0 / 8 });

        AssertMatches("stage2_small", network);
    }

    /// <summary>TorchSharp lists all parameters before all buffers, PyTorch each module's after one another; within either, the order must be equal.</summary>
    private static void AssertMatches(string network, nn.Module actual)
    {
        var expected = Fixture.Shapes(network).Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}] {tensor.Type}").OrderBy(IsBuffer).ToArray();
        var found = actual.state_dict().Select(tensor =>
            $"{tensor.Key} [{string.Join(", ", tensor.Value.shape)}] {(tensor.Value.dtype is ScalarType.Int64 ? "int64" : "float32")}").ToArray();
        Assert.Equal(expected, found);

        static bool IsBuffer(string line) => line.Contains(".running_", StringComparison.Ordinal) || line.Contains(".num_batches_tracked", StringComparison.Ordinal);
    }

    private static long FloatsOf(nn.Module network) =>
        network.state_dict().Values.Where(tensor => tensor.is_floating_point()).Sum(tensor => tensor.numel());
}
