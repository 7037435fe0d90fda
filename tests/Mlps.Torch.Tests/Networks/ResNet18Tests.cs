using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Networks.Backbones;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

public sealed class ResNet18Tests : IDisposable
{
    private const double Width = 1.0 / 16;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Width1_HasTheParametersOfTheFile()
    {
        using var network = new ResNet18(classCount: 4);

        var head = network.Head.weight.numel();
        Assert.Equal(4 * 512, head);
        Assert.Equal(22, network.modules().OfType<TorchSharp.Modules.Conv2d>().Count() - 1);
        Assert.Equal(15_885_504 + (2 * 5_824), network.parameters().Sum(parameter => parameter.numel()) - head);
    }

    [Theory]
    [InlineData(96, 96)]
    [InlineData(64, 40)]
    public void OutputStride8_AtEveryFourthPlace_IsTheNetworkWithItsStrides(int height, int width)
    {
        var (strided, dense) = (new ResNet18Backbone(8 * 2, new ChannelWidth(Width)), new ResNet18Backbone(8, new ChannelWidth(Width)));
        var full = new FullStride();
        foreach (var network in (nn.Module[])[strided, dense, full])
        {
            Randomize(network);
        }

        var images = rand([2, 3, height, width], ScalarType.Float64, generator: Seeded());
        var expected = full.forward(images);
        var every4th = dense.forward(images).HighLevel.slice(2, 0, height, 4).slice(3, 0, width, 4);
        var every2nd = strided.forward(images).HighLevel.slice(2, 0, height, 2).slice(3, 0, width, 2);

        Assert.True(expected.std().ToDouble() > 1e-3);
        Assert.True(every4th.allclose(expected, rtol: 1e-10, atol: 1e-10));
        Assert.True(every2nd.allclose(expected, rtol: 1e-10, atol: 1e-10));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void Classifier_AtAnotherStride_HasTheSameFeaturesAtFewerPlaces(int stride)
    {
        using var network = new ResNet18(classCount: 3, Width);
        Randomize(network);
        var images = rand([2, 3, 96, 64], ScalarType.Float64, generator: Seeded());
        var dense = network.Features(images);

        network.Place(stride);
        var sparse = network.Features(images);
        network.Place(ClassifierNetwork.OutputStride);

        Assert.Equal([2, 32, 96 / stride, 64 / stride], sparse.shape);
        Assert.True(sparse.allclose(dense.slice(2, 0, 12, stride / 8).slice(3, 0, 8, stride / 8), rtol: 1e-10, atol: 1e-10));
        Assert.True(network.Features(images).equal(dense).all().ToBoolean());
    }

    /// <summary>Transformed weights are those of the dilation that they were folded at.</summary>
    [Fact]
    public void Place_ForgetsWhatWasFolded()
    {
        using var network = new ResNet18(classCount: 3, Width);
        Randomize(network);
        var images = rand([1, 3, 64, 64], ScalarType.Float64, generator: Seeded());
        network.Place(16);
        var expected = network.forward(images);
        network.Place(ClassifierNetwork.OutputStride);
        network.Fold();

        network.Place(16);

        Assert.True(network.forward(images).allclose(expected, rtol: 1e-10, atol: 1e-10));
    }

    [Fact]
    public void ResNet38_HasOneStride()
    {
        using var network = new ResNet38(classCount: 3, Width);

        network.Place(ClassifierNetwork.OutputStride);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => network.Place(16));
        Assert.Contains("The output stride of a ResNet38 is 8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(96, 96)]
    [InlineData(97, 33)]
    [InlineData(8, 15)]
    [InlineData(1, 1)]
    public void Features_OfAnySize_AreAnEighthRoundedUp(int height, int width)
    {
        using var network = new ResNet18(classCount: 3, Width);
        network.eval();
        var images = rand([1, 3, height, width]);

        Assert.Equal([1, 3], network.forward(images).shape);
        Assert.Equal([1, 32, (height + 7) / 8, (width + 7) / 8], network.Features(images).shape);
    }

    [Fact]
    public void Folded_ComputesTheSame()
    {
        using var network = new ResNet18(classCount: 3, Width);
        Randomize(network, ScalarType.Float32);
        network.eval();
        using var noGrad = no_grad();
        var images = rand([2, 3, 64, 64], generator: Seeded());
        var expected = network.forward(images);

        network.Fold();
        var stem = ((IFoldable)network).Folded.Single();
        var folded = network.forward(images);

        Assert.True(stem.IsFolded);
        Assert.True(folded.allclose(expected, rtol: 1e-4, atol: 1e-4));
    }

    [Fact]
    public void LayerOfAnotherEncoder_IsRefused()
    {
        using var network = new ResNet18(classCount: 3, Width);

        Assert.Throws<ArgumentOutOfRangeException>(() => network.RunTo(ActivationLayer.Bn7, rand([1, 3, 32, 32])));
    }

    private static Generator Seeded() => new(3);

    /// <summary>Weights and statistics that are not those of the start, the same for every network of these layers.</summary>
    private static void Randomize(nn.Module network, ScalarType type = ScalarType.Float64)
    {
        using var noGrad = no_grad();
        using var generator = Seeded();
        foreach (var (name, values) in network.state_dict().Where(item => item.Value.is_floating_point()).OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            var shift = name.EndsWith("running_var", StringComparison.Ordinal) ? 0.5 : name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("mean", StringComparison.Ordinal) ? -0.5 : 0;
            var scale = values.dim() > 1 ? Math.Sqrt(6.0 / values[0].numel()) : 1;
            values.uniform_(0, 1, generator).add_(values.dim() > 1 ? -0.5 : shift).mul_(scale);
        }

        network.to(type);
        network.eval();
    }

    /// <summary>The network as it is in the file.</summary>
    private sealed class FullStride : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv1;
        private readonly TorchSharp.Modules.BatchNorm2d bn1;
        private readonly TorchSharp.Modules.Sequential layer1, layer2, layer3, layer4;
        private readonly ResNet18Layers _layers = new(outputStride: 32, new ChannelWidth(Width));

        public FullStride()
            : base(nameof(FullStride))
        {
            (conv1, bn1) = (_layers.Conv1, _layers.Bn1);
            (layer1, layer2, layer3, layer4) = (_layers.Stages[0], _layers.Stages[1], _layers.Stages[2], _layers.Stages[3]);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _layers.Front(input).Through(layer2, layer3, layer4);
    }
}
