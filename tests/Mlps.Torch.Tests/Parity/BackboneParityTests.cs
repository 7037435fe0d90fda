using System.Text.Json;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

/// <summary>
/// The other published encoders against names, shapes and features of their MIT-licensed originals (pytorch-deeplab-xception), computed in double precision with weights that
/// need no file.
/// </summary>
[Collection(GlobalGenerator.Name)]
public sealed class BackboneParityTests : IDisposable
{
    private const int Size = 33;
    private const string Prefix = "backbone.";

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(BackboneKind.MobileNet, 16)]
    [InlineData(BackboneKind.MobileNet, 8)]
    [InlineData(BackboneKind.Drn, 8)]
    [InlineData(BackboneKind.Xception, 16)]
    [InlineData(BackboneKind.Xception, 8)]
    public void Forward_InEvaluationMode_GivesTheRecordedFeatures(BackboneKind kind, int outputStride)
    {
        using var backbone = new SegmenterArchitecture { Backbone = kind, OutputStride = outputStride }.CreateBackbone(new ChannelWidth(1));
        Fill(backbone);
        var image = tensor(ProceduralWeights.Values("unit/backbone", [3 * Size * Size]), [1, 3, Size, Size]).to(ScalarType.Float64).mul(0.5).add(0.5);

        var (low, high) = backbone.forward(image);

        using var recorded = JsonDocument.Parse(File.ReadAllBytes(Fixture.Path("backbones.json")));
        var name = $"{kind.ToString().ToLowerInvariant()}_{outputStride}";
        AssertDigest($"{name} low-level features", recorded.RootElement.GetProperty(name).GetProperty("low"), low);
        AssertDigest($"{name} high-level features", recorded.RootElement.GetProperty(name).GetProperty("high"), high);
    }

    [Theory]
    [InlineData(BackboneKind.MobileNet)]
    [InlineData(BackboneKind.Drn)]
    [InlineData(BackboneKind.Xception)]
    public void StateDict_FullWidth_HasThePublishedNamesAndShapes(BackboneKind kind)
    {
        using var backbone = new SegmenterArchitecture { Backbone = kind }.CreateBackbone(new ChannelWidth(1));

        var found = backbone.state_dict().Where(tensor => tensor.Value.is_floating_point()).Select(tensor => Line(Prefix + tensor.Key, tensor.Value.shape));

        var expected = Fixture.Shapes($"backbone_{kind.ToString().ToLowerInvariant()}").Select(tensor => Line(tensor.Name, tensor.Shape));
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));

        static string Line(string name, long[] shape) => $"{name} [{string.Join(", ", shape)}]";
    }

    [Theory]
    [InlineData(BackboneKind.ResNet)]
    [InlineData(BackboneKind.Compact)]
    [InlineData(BackboneKind.MobileNet)]
    [InlineData(BackboneKind.Drn)]
    [InlineData(BackboneKind.Xception)]
    public void Segmenter_NarrowOnAnyBackbone_GivesLogitsOfTheImagesSizeAndLearns(BackboneKind kind)
    {
        using var grad = enable_grad();
        manual_seed(1);
        using var network = new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = kind, Width = 1.0 / 16 }, seed: 1);

        var logits = network.forward(rand(2, 3, 40, 56));
        logits.square().mean().backward();

        Assert.Equal([2, 3, 40, 56], logits.shape);
        Assert.All(network.named_parameters(), named => Assert.True(named.parameter.grad is { } gradient && gradient.isfinite().all().ToBoolean(), named.name));
    }

    private static void Fill(nn.Module backbone)
    {
        backbone.to(ScalarType.Float64);
        foreach (var (name, weight) in backbone.state_dict())
        {
            if (weight.is_floating_point())
            {
                using var values = tensor(ProceduralWeights.Values(Prefix + name, weight.shape), weight.shape);
                weight.copy_(values);
            }
        }

        backbone.eval();
    }

    private static void AssertDigest(string quantity, JsonElement recorded, Tensor actual)
    {
        Assert.Equal(recorded.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), actual.shape);
        ParityAssert.Close(quantity + ", L2 norm", [actual.norm().ToDouble()], [recorded.GetProperty("l2").GetDouble()], 1e-9);
        var index = recorded.GetProperty("index").EnumerateArray().Select(item => item.GetInt64()).ToArray();
        var value = recorded.GetProperty("value").EnumerateArray().Select(item => item.GetDouble()).ToArray();
        ParityAssert.SamplesClose(quantity, actual, (index, value), 1e-9);
    }
}
