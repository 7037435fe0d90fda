using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

/// <summary>The order in memory that tensor cores need changes no result: tried on the CPU, where it can be switched on.</summary>
public sealed class ClassifierLayoutTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = TwoTissues.RandomImages(2, 40, 56).to(ScalarType.Float64).div(255);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38, false)]
    [InlineData(ClassifierEncoder.ResNet38, true)]
    [InlineData(ClassifierEncoder.ResNet18, false)]
    [InlineData(ClassifierEncoder.ResNet18, true)]
    public void Predictions_WithChannelsLast_AreTheSame(ClassifierEncoder encoder, bool folded)
    {
        using var network = Network(encoder);
        using var noGrad = no_grad();
        if (folded)
        {
            network.Fold();
        }

        var planes = network.forward(_images);
        Assert.True(planes.allclose(WithChannelsLast(network, () => network.forward(_images)), 1e-9, 1e-12));
        Assert.All(
            network.LayersByDepth.Select(layer => network.LayersByDepth.TakeWhile(before => before <= layer)),
            layers => Assert.True(ChannelsLast.Lies(WithChannelsLast(network, () => layers.Aggregate(_images, (features, layer) => network.RunTo(layer, features)))), $"{layers.Last()}"));
    }

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38, false)]
    [InlineData(ClassifierEncoder.ResNet38, true)]
    [InlineData(ClassifierEncoder.ResNet18, true)]
    public void Gradients_WithChannelsLast_AreTheSame(ClassifierEncoder encoder, bool frozen)
    {
        using var network = Network(encoder);
        if (frozen)
        {
            FreezeFrontAndBatchNorms(network);
        }

        var planes = Gradients();
        ChannelsLast.LayWeights(network);
        var pixels = WithChannelsLast(network, Gradients);

        Assert.NotEmpty(planes);
        Assert.Equal(planes.Keys, pixels.Keys);
        Assert.All(planes, pair => Assert.True(pair.Value.allclose(pixels[pair.Key], 1e-8, 1e-12), pair.Key));

        Dictionary<string, Tensor> Gradients()
        {
            network.zero_grad();
            network.forward(_images, attention: null).square().sum().backward();
            return network.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
        }
    }

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38)]
    [InlineData(ClassifierEncoder.ResNet18)]
    public void Logits_OfANetworkThatLearnsWithAttentionAndDropout_AreTheSame(ClassifierEncoder encoder)
    {
        using var network = Network(encoder);
        using var dropout = new DropoutSource(seed: 1);
        SeededDropout.DrawFrom(network, dropout);
        network.train();

        var planes = Logits();
        Assert.True(planes.allclose(WithChannelsLast(network, Logits), 1e-8, 1e-12));
        dropout.StartStep(1);
        Assert.False(planes.allclose(network.forward(_images, new ProgressiveDropoutAttention(0.7, 3)), 1e-8, 1e-12));

        Tensor Logits()
        {
            dropout.StartStep(0);
            return network.forward(_images, new ProgressiveDropoutAttention(0.7, 3));
        }
    }

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38)]
    [InlineData(ClassifierEncoder.ResNet18)]
    public void ActivationMaps_WithChannelsLast_AreTheSame(ClassifierEncoder encoder)
    {
        using var network = Network(encoder);

        var (planes, _) = GradCam.Compute(network, _images, network.LayersByDepth);
        var (pixels, _) = WithChannelsLast(network, () => GradCam.Compute(network, _images, network.LayersByDepth));

        Assert.True(planes.allclose(pixels, 1e-8, 1e-12));
    }

    private static ClassifierNetwork Network(ClassifierEncoder encoder)
    {
        var network = ClassifierNetwork.Create(encoder, classCount: 3, width: 1.0 / 16, seed: 1);
        network.to(ScalarType.Float64);
        network.eval();
        return network;
    }

    private static void FreezeFrontAndBatchNorms(ClassifierNetwork network)
    {
        FrozenLayers.Freeze(network.FrozenFront);
        FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(network));
    }

    private static T WithChannelsLast<T>(ClassifierNetwork network, Func<T> compute)
    {
        network.KeepsChannelsLast = true;
        try
        {
            return compute();
        }
        finally
        {
            network.KeepsChannelsLast = null;
        }
    }
}
