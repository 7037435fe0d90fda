using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Parity;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

[Collection(GlobalGenerator.Name)]
public sealed class FoldingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly Tensor _images = TwoTissues.RandomImages(2, 64, 48).to(ScalarType.Float32).div(255);

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Fold_PatchClassifier_ChangesLogitsByRoundingAlone()
    {
        using var network = ReferenceNetworks.PatchClassifier().to(CPU);
        AssertSame(network);
    }

    [Theory]
    [InlineData(BackboneKind.ResNet)]
    [InlineData(BackboneKind.Compact)]
    [InlineData(BackboneKind.Xception)]
    [InlineData(BackboneKind.Drn)]
    [InlineData(BackboneKind.MobileNet)]
    public void Fold_Segmenter_ChangesLogitsByRoundingAlone(BackboneKind backbone)
    {
        manual_seed(1);
        using var network = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = backbone, Width = 1.0 / 16 }, seed: 1);
        Settle(network);
        AssertSame(network);
    }

    [Fact]
    public void Fold_NetworkInTraining_IsNotUsed()
    {
        using var network = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.125 });
        ReferenceNetworks.SwitchDropoutOff(network);
        var before = TrainingLogits(network);
        network.eval();
        network.Fold();

        Assert.True(TrainingLogits(network).allclose(before, 0, 0));

        Tensor TrainingLogits(DeepLabV3Plus trained)
        {
            trained.train();
            return trained.forward(_images);
        }
    }

    [Fact]
    public void Unfold_AfterWeightsChanged_ComputesWithTheNewOnes()
    {
        using var network = ReferenceNetworks.PatchClassifier().to(CPU);
        network.Fold();
        var before = network.forward(_images);
        network.state_dict()["b5.conv_branch2a.weight"].mul_(2);
        network.Unfold();

        Assert.False(network.forward(_images).allclose(before, 1e-3, 1e-4));
    }

    [Fact]
    public void Dispose_FoldedNetwork_LeavesNoTensors()
    {
        var before = TwoTissues.LiveTensors;
        using (NewDisposeScope())
        {
            var network = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.125 });
            network.eval();
            network.Fold();
            network.Dispose();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }

    /// <summary>Statistics that are not the identity.</summary>
    private void Settle(DeepLabV3Plus network)
    {
        network.train();
        for (var pass = 0; pass < 5; pass++)
        {
            network.forward(_images);
        }

        network.eval();
    }

    /// <summary>In double precision: a hundred layers of random weights make much of single precision's rounding.</summary>
    private void AssertSame(nn.Module<Tensor, Tensor> network)
    {
        network.to(ScalarType.Float64);
        var images = _images.to(ScalarType.Float64);
        var plain = network.forward(images);
        network.Fold();
        var folded = network.forward(images);

        Assert.False(folded.allclose(plain, 0, 0), "Nothing was folded.");
        RelativeDistance.AssertBelow(1e-11, plain, folded);
    }
}
