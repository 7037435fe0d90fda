using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

[Collection(GlobalGenerator.Name)]
public class MixedPrecisionTests
{
    private const int Side = 64;

    public MixedPrecisionTests() => manual_seed(3);

    public static TheoryData<BackboneKind> Backbones => [.. Enum.GetValues<BackboneKind>()];

    [Theory]
    [MemberData(nameof(Backbones))]
    public void Segmenter_OfAnyBackbone_LearnsIn16Bits(BackboneKind backbone)
    {
        using var network = new DeepLabV3Plus(2, new SegmenterArchitecture { Backbone = backbone, Width = 0.125 }, seed: 3);

        CheckLearns(network);
        CheckPredictsNearlyTheSame(network, tolerance: 0.4);
    }

    [Fact]
    public void PatchClassifier_LearnsIn16Bits()
    {
        using var network = new ResNet38(2, 1.0 / 16, seed: 3);

        CheckLearns(network);
        CheckPredictsNearlyTheSame(network, tolerance: 0.05);
    }

    [Fact]
    public void PatchClassifier_WithFrozenFrontAndNorms_LearnsIn16Bits()
    {
        using var network = new ResNet38(2, 1.0 / 16, seed: 3);
        FrozenLayers.Freeze(network.FrozenFront);
        FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(network));

        CheckLearns(network);
    }

    [Fact]
    public void Convolve_BehindABatchNorm_GivesGradientsOfTheRoundedProduct()
    {
        using var scope = NewDisposeScope();
        var (convolution, norm, images) = (Convolution.Create3x3(8, 8), nn.BatchNorm2d(8), randn(4, 8, 16, 16));
        Initialization.Draw(convolution, seed: 1);

        var exact = Gradient(Precision.Full);
        var rounded = Gradient(Precision.BFloat16);

        Assert.InRange(RelativeDistance.Between(exact, rounded), 1e-6, 0.02);

        Tensor Gradient(Precision precision)
        {
            using var cast = MixedPrecision.To(precision);
            convolution.weight.grad = null;
            new ConvNorm(convolution, norm).ForwardReLU(images).square().mean().backward();
            return convolution.weight.grad!.clone();
        }
    }

    [Fact]
    public void Type_IsInForce_UntilDisposed()
    {
        using (MixedPrecision.To(Precision.BFloat16))
        {
            using (MixedPrecision.To(Precision.Full))
            {
                Assert.Null(MixedPrecision.Type);
            }

            Assert.Equal(ScalarType.BFloat16, MixedPrecision.Type);
        }

        Assert.Null(MixedPrecision.Type);
    }

    /// <summary>Every weight that is not frozen has a gradient, in 32 bits and finite.</summary>
    private static void CheckLearns(nn.Module<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        using var cast = MixedPrecision.To(Precision.BFloat16);
        network.train();
        network.forward(rand(4, 3, Side, Side)).square().mean().backward();

        var trained = network.parameters().Where(parameter => parameter.requires_grad).ToArray();
        Assert.NotEmpty(trained);
        Assert.All(trained, parameter => Assert.Equal(ScalarType.Float32, parameter.grad!.dtype));
        Assert.All(trained, parameter => Assert.True(parameter.grad!.isfinite().all().ToBoolean()));
    }

    /// <summary>With fixed BatchNorms: with a batch's own statistics, random networks amplify any rounding a hundredfold.</summary>
    private static void CheckPredictsNearlyTheSame(nn.Module<Tensor, Tensor> network, double tolerance)
    {
        using var scope = NewDisposeScope();
        network.eval();
        var images = rand(4, 3, Side, Side);
        var exact = network.forward(images).detach();
        using var cast = MixedPrecision.To(Precision.BFloat16);
        var rounded = network.forward(images).detach();

        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange(RelativeDistance.Between(exact, rounded), 1e-6, tolerance);
    }
}
