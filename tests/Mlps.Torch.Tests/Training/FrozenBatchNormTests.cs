using Mlps.Torch.Tests.Parity;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

/// <summary>Training with frozen BatchNorms folds them into the convolutions: the same gradients for less work.</summary>
public sealed class FrozenBatchNormTests
{
    [Fact]
    public void FrozenFront_KeepsNoActivations()
    {
        using var scope = NewDisposeScope();
        using var network = ReferenceNetworks.PatchClassifier().to(CPU);
        network.train();
        var images = TwoTissues.RandomImages(1, 32, 32).to(ScalarType.Float32).div(255);
        FrozenLayers.Freeze(network.FrozenFront);
        FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(network));

        network.forward(images).sum().backward();

        Assert.All(network.FrozenFront.SelectMany(module => module.parameters()), parameter => Assert.Null(parameter.grad));
        Assert.NotNull(network.get_parameter("b3.conv_branch2a.weight")!.grad);
    }

    [Fact]
    public void Gradients_OfFoldedBatchNorms_AreThoseOfTheModules()
    {
        using var scope = NewDisposeScope();
        using var network = ReferenceNetworks.PatchClassifier(ScalarType.Float64).to(CPU);
        ReferenceNetworks.SwitchDropoutOff(network);
        FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(network));
        var images = TwoTissues.RandomImages(2, 40, 32).to(ScalarType.Float64).div(255);

        // A BatchNorm that asks for gradients is not folded.
        var folded = Gradients();
        foreach (var norm in FrozenLayers.BatchNormsOf(network).Cast<TorchSharp.Modules.BatchNorm2d>())
        {
            norm.weight!.requires_grad = true;
        }

        var plain = Gradients();

        Assert.Equal(folded.Keys, plain.Keys.Where(name => !name.Contains("bn", StringComparison.Ordinal)));
        Assert.All(folded, pair => Assert.True(pair.Value.allclose(plain[pair.Key], 1e-9, 1e-12), pair.Key));
        Assert.Contains(folded, pair => !pair.Value.allclose(plain[pair.Key], 0, 0));

        Dictionary<string, Tensor> Gradients()
        {
            network.train();
            foreach (var norm in FrozenLayers.BatchNormsOf(network))
            {
                norm.eval();
            }

            network.zero_grad();
            network.forward(images).square().sum().backward();
            return network.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
        }
    }
}
