using Microsoft.ML;
using Mlps.ML.Stages;
using Mlps.Testing;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Weights;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Trainings that start from a file of weights.</summary>
[Collection(ChainTests.Name)]
public sealed class InitialWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainedChain _chain;

    public InitialWeightsTests(TrainedChain chain)
    {
        _chain = chain;
        Write(ClassifierPath, chain.Model.ClassifierOf().Classifier.Network);
        Write(SegmenterPath, chain.Model.LastTransformer.Segmenter.Network);
    }

    private string ClassifierPath => _folder.Combine("classifier.safetensors");

    /// <summary>A step too small to see leaves what was loaded.</summary>
    private static SegmenterTrainingOptions Still { get; } = new() { Epochs = 1, BatchSize = 4, Optimizer = new() { LearningRate = 1e-12 } };

    private string EncoderPath => _folder.Combine("encoder.safetensors");

    private string SegmenterPath => _folder.Combine("segmenter.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classifier_LoadedWeights_FirstBlocksAndBatchNormsKeepThem()
    {
        using var classifier = Fit(TinyChain.Classifier with { InitialWeights = ClassifierPath });

        var loaded = _chain.Model.ClassifierOf().Classifier.Network.state_dict();
        var trained = classifier.Classifier.Network.state_dict();
        foreach (var name in (string[])["conv1a.weight", "b2.conv_branch2a.weight", "b2_2.bn_branch2a.weight", "b5.bn_branch2a.running_mean", "bn7.bias"])
        {
            Assert.True(torch.allclose(loaded[name], trained[name], rtol: 0, atol: 0), name);
        }

        Assert.False(torch.allclose(loaded["b5.conv_branch2a.weight"], trained["b5.conv_branch2a.weight"], rtol: 0, atol: 0));
        Assert.False(torch.allclose(loaded["fc8.weight"], trained["fc8.weight"], rtol: 0, atol: 0));
    }

    [Fact]
    public void Classifier_WeightsForOtherClasses_HeadStartsAnewAndTheLogSaysSo()
    {
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);
        var classes = new TissueClasses([new("a", new(1, 0, 0)), new("b", new(2, 0, 0)), new("c", new(3, 0, 0))]);
        var patches = TinyTable.Patches(4);
        var label = new PatchColumn<Microsoft.ML.Data.VBuffer<bool>>(
            "Label",
            new Microsoft.ML.Data.VectorDataViewType(Microsoft.ML.Data.BooleanDataViewType.Instance, 3),
            (TissuePatch patch, ref Microsoft.ML.Data.VBuffer<bool> value) => value = new(3, [true, false, patch.Name == "patch 1"]));

        using var classifier = ml.TissueSegmentation.PatchClassifier(classes, TinyChain.Classifier with { InitialWeights = ClassifierPath })
            .Fit(patches.View(patches.Name, patches.Image, label));

        Assert.Contains(log, message => message.Contains(ClassifierPath, StringComparison.Ordinal) && message.Contains("'fc8' starts anew", StringComparison.Ordinal));
        Assert.Equal(3, classifier.Classifier.Network.ClassCount);
    }

    [Fact]
    public void Segmenter_LoadedWeights_AreWhereTheTrainingStarts()
    {
        var still = TinyChain.Segmenter with { InitialWeights = SegmenterPath, Training = Still };
        using var model = TinyChain.Create(new MLContext(1), segmenter: still).Fit(TinyTable.Patches(4).Labelled());

        using var scope = torch.NewDisposeScope();
        AssertLoaded(model.LastTransformer.Segmenter.Network, _ => true);
    }

    [Fact]
    public void Segmenter_NewHeadAskedFor_AllButTheLastLayerIsLoaded()
    {
        var still = TinyChain.Segmenter with { InitialWeights = SegmenterPath, InitialHead = false, Training = Still };
        using var model = TinyChain.Create(new MLContext(1), segmenter: still).Fit(TinyTable.Patches(4).Labelled());

        AssertLoaded(model.LastTransformer.Segmenter.Network, name => !name.StartsWith("decoder.last_conv.8", StringComparison.Ordinal));
    }

    [Fact]
    public void Segmenter_WeightsOfAnEncoderAlone_GoIntoTheEncoder()
    {
        // ImageNet's files name the encoder's layers without a prefix, and hold a last layer for a thousand classes.
        using var scope = torch.NewDisposeScope();
        var encoder = _chain.Model.LastTransformer.Segmenter.Network.state_dict()
            .Where(weight => weight.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .Select(weight => (weight.Key["backbone.".Length..], weight.Value))
            .Append(("fc.weight", torch.zeros(1000, 8)));
        SafetensorsWriter.Write(EncoderPath, encoder, metadata: null);
        var still = TinyChain.Segmenter with { InitialWeights = EncoderPath, Training = Still };

        using var model = TinyChain.Create(new MLContext(1), segmenter: still).Fit(TinyTable.Patches(4).Labelled());

        AssertLoaded(model.LastTransformer.Segmenter.Network, name => name.StartsWith("backbone.", StringComparison.Ordinal));
    }

    [Fact]
    public void Segmenter_SecondNamesOfMobileNetsLayers_ArePassedOver()
    {
        using var scope = torch.NewDisposeScope();
        var architecture = new SegmenterArchitecture { Backbone = BackboneKind.MobileNet, Width = 1.0 / 16 };
        using var network = new DeepLabV3Plus(TinyTissue.Classes.Count, architecture);
        var once = network.state_dict().Select(weight => (weight.Key, weight.Value)).ToArray();
        var twice = once.Concat(once.Where(weight => weight.Key.StartsWith("backbone.features.", StringComparison.Ordinal))
            .Select(weight => (weight.Key.Replace("features", "low_level_features", StringComparison.Ordinal), weight.Value)));
        SafetensorsWriter.Write(SegmenterPath, twice, metadata: null);

        var options = TinyChain.Segmenter with { Architecture = architecture, InitialWeights = SegmenterPath, Training = Still };
        using var model = TinyChain.Create(new MLContext(1), segmenter: options).Fit(TinyTable.Patches(4).Labelled());

        var trained = model.LastTransformer.Segmenter.Network.state_dict();
        Assert.All(network.named_parameters(), weight => Assert.True(torch.allclose(weight.parameter, trained[weight.name], atol: 1e-6), weight.name));
    }

    [Theory]
    [InlineData("module._orig_mod.")]
    [InlineData("model.")]
    [InlineData("net.encoder.")]
    public void Classifier_PrefixedWeightsBesideALoss_AreLoadedAndTheLogSaysWhatWasStripped(string prefix)
    {
        using var scope = torch.NewDisposeScope();
        var network = _chain.Model.ClassifierOf().Classifier.Network;
        SafetensorsWriter.Write(
            ClassifierPath, network.state_dict().Select(weight => (prefix + weight.Key, weight.Value)).Append(("criterion.weight", torch.ones(2))), metadata: null);
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);

        using var classifier = ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { InitialWeights = ClassifierPath })
            .Fit(TinyTable.Patches(4).Labelled());

        Assert.True(torch.allclose(network.state_dict()["conv1a.weight"], classifier.Classifier.Network.state_dict()["conv1a.weight"], rtol: 0, atol: 0));
        Assert.Contains(log, message => message.Contains($"stripped from their names: '{prefix}'", StringComparison.Ordinal)
            && message.Contains("passed over: 'criterion.weight'", StringComparison.Ordinal)
            && !message.Contains("starts anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Classifier_ImageNetWeightsOfMxNet_AreLoadedUnderTheirOwnNames()
    {
        using var scope = torch.NewDisposeScope();
        var network = _chain.Model.ClassifierOf().Classifier.Network;
        var names = MxNetNames().ToLookup(MxNetResNet38Names.Map);
        var path = _folder.Combine("ilsvrc-cls_rna-a1_cls1000_ep-0001.params");
        File.WriteAllBytes(path, MxNetBytes.List([.. network.state_dict().Where(weight => names.Contains(weight.Key)).Select(weight => (
            names[weight.Key].First(), MxNetBytes.Array(MxNetBytes.V2, weight.Value.shape, 0, weight.Value.detach().bytes.ToArray())))]));

        using var classifier = Fit(TinyChain.Classifier with { InitialWeights = path });

        Assert.True(torch.allclose(network.state_dict()["b2.conv_branch2a.weight"], classifier.Classifier.Network.state_dict()["b2.conv_branch2a.weight"], rtol: 0, atol: 0));
    }

    [Fact]
    public void Classifier_NotANumberInTheFile_IsNamedBeforeTheTraining()
    {
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(
            ClassifierPath,
            _chain.Model.ClassifierOf().Classifier.Network.state_dict().Select(weight => (weight.Key, weight.Key == "bn7.bias" ? torch.full_like(weight.Value, float.NaN) : weight.Value)),
            metadata: null);

        var error = Assert.Throws<WeightFileException>(() => Fit(TinyChain.Classifier with { InitialWeights = ClassifierPath }));

        Assert.Contains("'bn7.bias' holds", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("model._orig_mod.")]
    public void Segmenter_PrefixedWeights_AreLoaded(string prefix)
    {
        Rename(SegmenterPath, name => prefix + name);
        var still = TinyChain.Segmenter with { InitialWeights = SegmenterPath, Training = Still };
        using var model = TinyChain.Create(new MLContext(1), segmenter: still).Fit(TinyTable.Patches(4).Labelled());

        AssertLoaded(model.LastTransformer.Segmenter.Network, _ => true);
    }

    [Theory]
    [InlineData("backbone.")]
    [InlineData("module.backbone.")]
    [InlineData("encoder._orig_mod.")]
    public void Segmenter_EncoderOfAPrefixedClassifier_GoesIntoTheEncoder(string prefix)
    {
        using var scope = torch.NewDisposeScope();
        var encoder = _chain.Model.LastTransformer.Segmenter.Network.state_dict()
            .Where(weight => weight.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .Select(weight => (prefix + weight.Key["backbone.".Length..], weight.Value))
            .Append((prefix + "fc.weight", torch.zeros(1000, 8))).Append(("head.weight", torch.zeros(5, 8)));
        SafetensorsWriter.Write(EncoderPath, encoder, metadata: null);
        var still = TinyChain.Segmenter with { InitialWeights = EncoderPath, Training = Still };

        using var model = TinyChain.Create(new MLContext(1), segmenter: still).Fit(TinyTable.Patches(4).Labelled());

        AssertLoaded(model.LastTransformer.Segmenter.Network, name => name.StartsWith("backbone.", StringComparison.Ordinal));
    }

    [Fact]
    public void Classifier_WeightsOfAnotherWidth_AreRefused()
    {
        Assert.Throws<WeightMismatchException>(() => Fit(TinyChain.Classifier with { InitialWeights = ClassifierPath, Width = 1.0 / 16 }));
    }

    [Fact]
    public void Segmenter_WeightsOfTheClassifier_AreRefused()
    {
        Assert.Throws<WeightMismatchException>(() =>
            TinyChain.Create(new MLContext(1), segmenter: TinyChain.Segmenter with { InitialWeights = ClassifierPath }).Fit(TinyTable.Patches(4).Labelled()));
    }

    [Fact]
    public void Classifier_FileThatIsNotThere_IsNamed()
    {
        var path = _folder.Combine("missing.pth");

        var error = Assert.ThrowsAny<Exception>(() => Fit(TinyChain.Classifier with { InitialWeights = path }));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classifier_FileOfWords_IsRefusedByName()
    {
        var path = _folder.Combine("words.pth");
        File.WriteAllText(path, "no weights in here");

        var error = Assert.Throws<WeightFileException>(() => Fit(TinyChain.Classifier with { InitialWeights = path }));

        Assert.Contains("words.pth", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The parameters that are the trained chain's own are exactly those expected to have been loaded.</summary>
    private void AssertLoaded(DeepLabV3Plus network, Func<string, bool> expected)
    {
        using var scope = torch.NewDisposeScope();
        var loaded = _chain.Model.LastTransformer.Segmenter.Network.state_dict();
        foreach (var (name, parameter) in network.named_parameters().Where(named => named.parameter.dim() > 1))
        {
            Assert.True(torch.allclose(parameter, loaded[name], atol: 1e-6) == expected(name), name);
        }
    }

    private static PatchClassifierTransformer Fit(PatchClassifierOptions options) =>
        new MLContext(1).TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(4).Labelled());

    private static IEnumerable<string> MxNetNames()
    {
        yield return "arg:conv1a_weight";
        foreach (var field in (string[])["arg:|gamma", "arg:|beta", "aux:|moving_mean", "aux:|moving_var", "arg:|weight"])
        {
            var (list, name) = (field.Split('|')[0], field.Split('|')[1]);
            yield return $"{list}bn7_{name}";
            foreach (var unit in from stage in Enumerable.Range(2, 6) from repeat in (string[])["a", "b1", "b2", "b3", "b4", "b5"] select $"{stage}{repeat}")
            {
                foreach (var branch in (string[])["1", "2a", "2b1", "2b2"])
                {
                    yield return $"{list}{(name == "weight" ? "res" : "bn")}{unit}_branch{branch}_{name}";
                }
            }
        }
    }

    private void Rename(string path, Func<string, string> rename) => SafetensorsWriter.Write(
        path, _chain.Model.LastTransformer.Segmenter.Network.state_dict().Select(weight => (rename(weight.Key), weight.Value)), metadata: null);

    private static void Write(string path, torch.nn.Module network)
    {
        using var file = File.Create(path);
        NetworkStreams.Save(network, file);
    }
}
