using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class ResNet38ParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly ResNet38 _network = ReferenceNetworks.PatchClassifier();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("stage1_small");

    public void Dispose()
    {
        _network.Dispose();
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Layers_GiveTheRecordedFeatures()
    {
        var early = _network.RunTo(ActivationLayer.B4Block3, _figures.Load("input_x2"));
        var middle = _network.RunTo(ActivationLayer.B4Block5, early);
        var deep = _network.RunTo(ActivationLayer.B5Block2, middle);
        var last = _network.RunTo(ActivationLayer.Bn7, _network.RunTo(ActivationLayer.B6, deep));

        Compare("feat_b4_5", middle);
        Compare("feat_b5_2", deep);
        ParityAssert.Close("feat_bn7 after ReLU", last, _figures.Load("feat_bn7").relu(), _figures.Tolerance("feat_bn7"));
        ParityAssert.Close("forward_cam_cam", _network.Head.forward(last).relu(), _figures.Load("forward_cam_cam"), _figures.Tolerance("forward_cam_cam"));
    }

    [SharedDataFact]
    public void EveryRecordedLayer_GivesTheRecordedFeatures()
    {
        var all = ReferenceFigures.Shared("stage1_small");
        var features = Features(all.Load("input_x2"));

        var recorded = all.Names.Where(name => name.StartsWith("feat_", StringComparison.Ordinal)).ToArray();
        Assert.Equal(9, recorded.Length);
        Assert.All(recorded, name => ParityAssert.Close(name, features[name["feat_".Length..]], all.Load(name), all.Tolerance(name)));
    }

    [Fact]
    public void EveryRecordedLayer_WithIdentityBatchNorm_GivesTheRecordedSamples()
    {
        ReferenceNetworks.MakeBatchNormsIdentity(_network);
        var features = Features(_figures.Load("input_x2"));

        var recorded = _figures.Names.Where(name => name.StartsWith("bnid_feat_", StringComparison.Ordinal)).ToArray();
        Assert.Equal(9, recorded.Length);
        Assert.All(recorded, name => ParityAssert.SamplesClose(name, features[name["bnid_feat_".Length..]], _figures.Samples(name, "sample_value"), _figures.Tolerance(name)));
    }

    [Fact]
    public void Forward_WithoutAttention_GivesTheRecordedLogitsAndProbabilities()
    {
        var logits = _network.forward(_figures.Load("input_x2"));

        Compare("Net_forward_pda0_gama1.0_logits", logits);
        Compare("Net_forward_pda0_gama1.0_prob", logits.sigmoid());
        Compare("forward_cam_y", logits.sigmoid());
        Compare("Net_CAM_forward_y", logits.sigmoid());
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.8")]
    [InlineData("0.65")]
    public void Forward_WithAttention_GivesTheRecordedLogitsFeaturesAndMap(string threshold)
    {
        var input = _figures.Load("input_x2");
        var attention = AttentionAt(threshold);
        var last = _network.Features(input);

        var logits = _network.forward(input, attention);

        Compare($"Net_forward_pda1_gama{threshold}_logits", logits);
        Compare($"Net_forward_pda1_gama{threshold}_prob", logits.sigmoid());
        Compare($"Net_forward_pda1_gama{threshold}_feature", attention.Apply(last, _network.Head.weight).mean([2, 3]));
        Compare($"PDA_map_gama{threshold}", attention.Map(last, _network.Head.weight));
    }

    [SharedDataFact]
    public void Attention_OnTheLastFeatures_GivesTheRecordedOutputs()
    {
        var all = ReferenceFigures.Shared("stage1_small");
        var last = _network.Features(all.Load("input_x2"));

        Assert.All(["1.0", "0.8", "0.65"], threshold => ParityAssert.Close(
            $"PDA_out_gama{threshold}",
            AttentionAt(threshold).Apply(last, _network.Head.weight),
            all.Load($"PDA_out_gama{threshold}"),
            all.Tolerance($"PDA_out_gama{threshold}")));
    }

    private static ProgressiveDropoutAttention AttentionAt(string threshold) =>
        new(double.Parse(threshold, System.Globalization.CultureInfo.InvariantCulture), Divisor: 4);

    private void Compare(string name, Tensor actual) => ParityAssert.Close(name, actual, _figures.Load(name), _figures.Tolerance(name));

    /// <summary>The output of each block, by name, block after block in the order of their names.</summary>
    private Dictionary<string, Tensor> Features(Tensor input)
    {
        var features = new Dictionary<string, Tensor>();
        foreach (var (name, block) in _network.named_children().TakeWhile(child => child.name != "dropout7"))
        {
            features[name] = input = ((nn.Module<Tensor, Tensor>)block).forward(input);
        }

        return features;
    }
}
