using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class DeepLabParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly DeepLabV3Plus _network = ReferenceNetworks.Segmenter();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("stage2_small");

    public void Dispose()
    {
        _network.Dispose();
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Forward_InEvaluationMode_GivesTheRecordedFeaturesAndLogits()
    {
        var features = Features(_figures.Load("input_x4"));

        Assert.All(
            ["eval_layer1_low_level", "eval_layer4_backbone_out", "eval_aspp_out", "eval_decoder_out", "eval_logits"],
            name => ParityAssert.Close(name, features[name["eval_".Length..]], _figures.Load(name), _figures.Tolerance(name)));
    }

    /// <summary>In double precision, as some of the few samples are differences of far larger numbers, so that the record itself, in 32 bits, is 1.04e-5 away from double precision there.</summary>
    [Fact]
    public void Forward_WithIdentityBatchNorm_GivesTheRecordedSamples()
    {
        ReferenceNetworks.MakeBatchNormsIdentity(_network);
        _network.to(ScalarType.Float64);
        var features = Features(_figures.Load("input_x4").to(ScalarType.Float64));

        var recorded = _figures.Names.Where(name => name.StartsWith("bnid_eval_", StringComparison.Ordinal)).ToArray();
        Assert.Equal(13, recorded.Length);
        Assert.All(recorded, name => ParityAssert.SamplesClose(name, features[name["bnid_eval_".Length..]], _figures.Samples(name, "sample_value"), 2e-5));
    }

    [SharedDataFact]
    public void EveryRecordedStage_InEvaluationMode_GivesTheRecordedFeatures()
    {
        var all = ReferenceFigures.Shared("stage2_small");
        var features = Features(all.Load("input_x4"));

        var recorded = all.Names.Where(name => name.StartsWith("eval_", StringComparison.Ordinal)).ToArray();
        Assert.Equal(13, recorded.Length);
        Assert.All(recorded, name => ParityAssert.Close(name, features[name["eval_".Length..]], all.Load(name), all.Tolerance(name)));
    }

    [Fact]
    public void Classes_OfTheRecordedLogits_AreEqual()
    {
        var recorded = _figures.Load("eval_logits");
        var logits = _network.forward(_figures.Load("input_x4"));
        var scores = Enumerable.Range(0, 4).Select(c => recorded.select(1, c).cpu().contiguous().data<float>().ToArray()).ToArray();

        ParityAssert.SameMask("DeepLab classes", Classes(logits), Classes(recorded), scores);
    }

    private static byte[] Classes(Tensor logits) => logits.argmax(1).to(ScalarType.Byte).cpu().contiguous().data<byte>().ToArray();

    private Dictionary<string, Tensor> Features(Tensor input)
    {
        var parts = _network.named_children().ToDictionary(child => child.name, child => child.module);
        var stages = parts["backbone"].named_children().ToDictionary(child => child.name, child => (nn.Module<Tensor, Tensor>)child.module);
        var pyramid = parts["aspp"].named_children().ToDictionary(child => child.name, child => (nn.Module<Tensor, Tensor>)child.module);
        var (low, high) = ((nn.Module<Tensor, (Tensor, Tensor)>)parts["backbone"]).forward(input);
        var stem = stages["bn1"].forward(stages["conv1"].forward(input)).relu();
        var features = new Dictionary<string, Tensor>
        {
            ["maxpool"] = nn.functional.max_pool2d(stem, kernel_size: 3, stride: 2, padding: 1),
            ["layer1_low_level"] = low,
            ["layer2"] = stages["layer2"].forward(low),
            ["layer4_backbone_out"] = high,
            ["aspp_out"] = ((nn.Module<Tensor, Tensor>)parts["aspp"]).forward(high),
            ["aspp_gap"] = pyramid["global_avg_pool"].forward(high),
            ["logits"] = _network.forward(input),
        };
        features["layer3"] = stages["layer3"].forward(features["layer2"]);
        features["decoder_out"] = ((nn.Module<Tensor, Tensor, int?, Tensor>)parts["decoder"]).forward(features["aspp_out"], low, null);
        for (var branch = 1; branch <= 4; branch++)
        {
            features[$"aspp{branch}"] = pyramid[$"aspp{branch}"].forward(high);
        }

        return features;
    }
}
