using FsCheck;
using FsCheck.Fluent;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.PseudoMasks;

[Collection(GlobalGenerator.Name)]
public sealed class ResNet38GradCamTests() : GradCamTests(ClassifierEncoder.ResNet38);

[Collection(GlobalGenerator.Name)]
public sealed class ResNet18GradCamTests() : GradCamTests(ClassifierEncoder.ResNet18);

/// <summary>Activation maps of any encoder.</summary>
public abstract class GradCamTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ClassifierNetwork _network;
    private readonly Tensor _images = TwoTissues.RandomImages(2, 24, 32).to(ScalarType.Float32).div(255);

    protected GradCamTests(ClassifierEncoder encoder)
    {
        _network = ClassifierNetwork.Create(encoder, classCount: 3, width: 1.0 / 32, seed: 1);
        _network.eval();
    }

    private IReadOnlyList<ActivationLayer> Layers => ActivationLayers.DefaultOf(_network.Encoder);

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Compute_EveryLayerClassAndImage_EqualsPlainGradCam()
    {
        var (maps, logits) = GradCam.Compute(_network, _images, _network.LayersByDepth);

        Assert.Equal([2, 5, 3, 3, 4], maps.shape);
        for (var image = 0; image < 2; image++)
        {
            for (var c = 0; c < 3; c++)
            {
                var (plain, logit) = PlainMaps(_images[image].unsqueeze(0), c);
                Assert.Equal(1, logits[image, c].ToDouble() / logit, 1e-4);
                for (var layer = 0; layer < 5; layer++)
                {
                    RelativeDistance.AssertBelow(Tolerance, plain[layer], maps[image, layer, c]);
                }
            }
        }
    }

    [Fact]
    public void Compute_Bn7OfAnyNetwork_IsTheHeadsClassMapOverItsPositions()
    {
        var cases =
            from seed in ArbMap.Default.GeneratorFor<int>()
            from classCount in Gen.Choose(1, 6)
            from width in Gen.Elements(1.0 / 64, 1.0 / 32, 3.0 / 64)
            from height in Gen.Choose(1, 5)
            from breadth in Gen.Choose(1, 5)
            select (seed, classCount, width, 8 * height, 8 * breadth);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(cases.ToArbitrary(), HoldsFor));

        bool HoldsFor((int Seed, int ClassCount, double Width, int Height, int Breadth) given)
        {
            using var scope = NewDisposeScope();
            manual_seed(given.Seed);
            using var network = ClassifierNetwork.Create(_network.Encoder, given.ClassCount, given.Width, given.Seed);
            network.eval();
            var images = rand(2, 3, given.Height, given.Breadth);

            var (maps, logits) = GradCam.Compute(network, images, [network.LayersByDepth[^1]]);

            using var noGrad = no_grad();
            var classMaps = network.Head.forward(network.Features(images)).div(given.Height / 8 * (given.Breadth / 8));
            return maps.squeeze(1).allclose(classMaps, 1e-4, 1e-6) && maps.squeeze(1).sum([2, 3]).allclose(logits, 1e-3, 1e-5);
        }
    }

    [Fact]
    public void Compute_LayersInAnyOrderOrAlone_GivesTheSameMaps()
    {
        var (all, _) = GradCam.Compute(_network, _images, _network.LayersByDepth);
        var (reversed, _) = GradCam.Compute(_network, _images, [.. _network.LayersByDepth.Reverse()]);

        RelativeDistance.AssertBelow(Tolerance, all, reversed.flip(1));
        for (var layer = 0; layer < 5; layer++)
        {
            var (alone, _) = GradCam.Compute(_network, _images, [_network.LayersByDepth[layer]]);
            RelativeDistance.AssertBelow(Tolerance, all.narrow(1, layer, 1), alone);
        }
    }

    [Fact]
    public void Compute_SomeClassesOfEachImage_GivesTheirMapsAndZeroForTheRest()
    {
        var labels = tensor(new[] { false, true, false, true, false, true }, [2, 3]);
        var (all, _) = GradCam.Compute(_network, _images, _network.LayersByDepth);

        var (some, _) = GradCam.Compute(_network, _images, _network.LayersByDepth, labels);

        var wanted = labels.view(2, 1, 3, 1, 1).expand_as(all);
        RelativeDistance.AssertBelow(Tolerance, all.masked_select(wanted), some.masked_select(wanted));
        Assert.Equal(0, some.masked_select(wanted.logical_not()).abs().max().ToDouble());
    }

    [Fact]
    public void Compute_ImagesGroupedByTheirClasses_GivesTheSameMapsInTheirOrder()
    {
        var images = cat([_images, _images.flip(3), _images.flip(2)]);
        var labels = tensor(new[] { true, true, true, false, false, true, false, false, false, true, false, true, true, true, true, false, true, false }, [6, 3]);

        var (expected, expectedLogits) = GradCam.Compute(_network, images, Layers, labels, byCount: false);
        var (maps, logits) = GradCam.Compute(_network, images, Layers, labels, byCount: true);

        for (var image = 0; image < 6; image++)
        {
            RelativeDistance.AssertBelow(Tolerance, expectedLogits[image], logits[image]);
            if (image != 2)
            {
                RelativeDistance.AssertBelow(Tolerance, expected[image], maps[image]);
            }
        }

        Assert.Equal(0, maps[2].abs().max().ToDouble());
    }

    [Fact]
    public void Compute_NoClassAtAll_IsZero()
    {
        var (maps, _) = GradCam.Compute(_network, _images, Layers, zeros(2, 3, ScalarType.Bool));

        Assert.Equal([2, 3, 3, 3, 4], maps.shape);
        Assert.Equal(0, maps.abs().max().ToDouble());
    }

    [Fact]
    public void Compute_ImagesOfABatch_DoNotInfluenceEachOther()
    {
        var (both, bothLogits) = GradCam.Compute(_network, _images, Layers);
        var (first, firstLogits) = GradCam.Compute(_network, _images.narrow(0, 0, 1), Layers);
        var (mixed, _) = GradCam.Compute(_network, cat([_images.narrow(0, 0, 1), ones_like(_images)]), Layers);

        RelativeDistance.AssertBelow(Tolerance, first, both.narrow(0, 0, 1));
        RelativeDistance.AssertBelow(Tolerance, firstLogits, bothLogits.narrow(0, 0, 1));
        RelativeDistance.AssertBelow(Tolerance, first, mixed.narrow(0, 0, 1));
    }

    [Fact]
    public void Compute_FrozenNetwork_GivesTheSameMaps()
    {
        var (trainable, _) = GradCam.Compute(_network, _images, Layers);
        foreach (var parameter in _network.parameters())
        {
            parameter.requires_grad = false;
        }

        var (frozen, _) = GradCam.Compute(_network, _images, Layers);

        RelativeDistance.AssertBelow(Tolerance, trainable, frozen);
        Assert.False(frozen.requires_grad);
    }

    [Fact]
    public void Compute_ManyTimes_LeavesNoTensorsBehind()
    {
        Call();
        var before = TwoTissues.LiveTensors;

        for (var i = 0; i < 5; i++)
        {
            Call();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
        Assert.All(_network.parameters(), parameter => Assert.True(parameter.grad is null));

        void Call()
        {
            var (maps, logits) = GradCam.Compute(_network, _images, Layers);
            maps.Dispose();
            logits.Dispose();
        }
    }

    /// <summary>Selvaraju et al. 2017 word for word, one image, class and layer at a time.</summary>
    private (Tensor[] Maps, double Logit) PlainMaps(Tensor image, int c)
    {
        var layers = new List<Tensor> { _network.RunTo(_network.LayersByDepth[0], image).detach().requires_grad_(true) };
        foreach (var layer in _network.LayersByDepth.Skip(1))
        {
            layers.Add(_network.RunTo(layer, layers[^1]));
        }

        var logit = _network.Head.forward(layers[^1]).mean([2, 3])[0, c];
        var maps = layers.Select(activation =>
        {
            var gradient = autograd.grad([logit], [activation], retain_graph: true)[0];
            var map = zeros(activation.shape[2], activation.shape[3]);
            for (var k = 0; k < activation.shape[1]; k++)
            {
                map = map.add(activation[0, k].detach().mul(gradient[0, k].mean().ToDouble()));
            }

            return map;
        });
        return ([.. maps], logit.ToDouble());
    }
}
