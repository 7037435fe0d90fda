using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

public sealed class ChannelsLastTests
{
    public ChannelsLastTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Fact]
    public void Tensor_KeepsItsValues_AndLiesPixelByPixel()
    {
        using var planes = arange(24, dtype: ScalarType.Float32).view(1, 2, 3, 4);

        using var tensor = planes.ToChannelsLast();

        Assert.Equal([24, 1, 8, 2], tensor.stride());
        Assert.True(tensor.equal(planes).all().ToBoolean());
    }

    [Fact]
    public void SegmentersWeights_LieSo_AndAreSavedAndLoadedAsTheyAre()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using var saved = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.25 });
            using var loaded = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.25 }, seed: 2);
            saved.SaveWeights(path);
            loaded.LoadWeights(path);

            var expected = saved.state_dict();
            foreach (var (name, weight) in loaded.state_dict())
            {
                Assert.True(weight.equal(expected[name]).all().ToBoolean(), name);
                if (weight.dim() == 4)
                {
                    Assert.True(weight.permute(0, 2, 3, 1).is_contiguous(), name);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void RestoredMomentum_LiesAsItsParameterDoes()
    {
        using var scope = NewDisposeScope();
        using var network = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.25 });
        var parameters = network.parameters().ToArray();
        using var optimizer = new NetworkOptimizer(new OptimizerOptions(), 1, 10, [(parameters, 1, true)]);
        optimizer.Step(network.forward(rand(2, 3, 32, 32)).sum(), 0);
        var kept = optimizer.Momentum.ToDictionary(item => item.Index, item => item.Value.detach().clone().contiguous());

        optimizer.RestoreMomentum(place => kept.GetValueOrDefault(place));

        Assert.Equal(parameters.Length, optimizer.Momentum.Count());
        foreach (var (place, momentum) in optimizer.Momentum)
        {
            Assert.Equal(parameters[place].stride(), momentum.stride());
            Assert.True(momentum.equal(kept[place]).all().ToBoolean());
        }
    }
}
