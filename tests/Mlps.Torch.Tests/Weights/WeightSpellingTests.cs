using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Weights are found and loaded however a training program nested and named them, and whatever lies beside them.</summary>
public sealed class WeightSpellingTests
{
    public static TheoryData<string> Spellings => [.. WeightSpellings.All.Keys];

    public static TheoryData<string> Objects => [.. PickledObjects.All.Keys];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void LoadWeights_AnySpelling_LoadsTheRightTensorsAndSaysWhatItDid(string spelling)
    {
        (var create, var group, var stripped) = WeightSpellings.All[spelling];
        Assert.All([create().Zip(), create().Legacy()], content =>
        {
            using var net = new SpelledNet();
            using var file = WeightFile.Read(new MemoryStream(content), "spelled.pth");

            var report = net.LoadWeights(file);

            Assert.True(report.IsComplete);
            Assert.Equal(PickledState.Names.Order(), report.Matched.Order());
            Assert.Equal(3f, net.TheValue());
            Assert.Equal(group, report.Group);
            Assert.Equal(stripped, report.StrippedPrefixes);
            Assert.All(stripped, prefix => Assert.Contains($"'{prefix}'", report.Describe(), StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Open_ObjectBesideWeights_IsListedByItsClassAndPlace(string name)
    {
        (var type, var write) = PickledObjects.All[name];
        var content = new PickledState().Begin().Key("args").Begin().Key("extra").Put(p => write(p)).End().Key("model").State(3).End().Zip();
        using var file = WeightFile.Read(new MemoryStream(content), "spelled.pth");

        Assert.Equal(type is null ? [] : [$"'{type}' at 'args.extra'"], file.SkippedObjects);
    }

    [Fact]
    public void LoadWeights_AverageBeside_IsNamedAndCanBeChosen()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Begin().Key("ema").State(7).Key("model").State(3).End());

        Assert.Equal(["'ema'"], net.LoadWeights(file).EquallyFitting);
        Assert.Equal(3f, net.TheValue());

        Assert.Equal("ema", net.LoadWeights(file, new WeightLoadOptions { Group = "ema" }).Group);
        Assert.Equal(7f, net.TheValue());
    }

    [Fact]
    public void LoadWeights_TwoSetsThatNothingTellsApart_FailsAndNamesBoth()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Begin().Key("first").State(7).Key("second").State(3).End());

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Contains("'first' and 'second'", error.Message, StringComparison.Ordinal);
        Assert.Equal("second", net.LoadWeights(file, new WeightLoadOptions { Group = "second" }).Group);
        Assert.Equal(3f, net.TheValue());
    }

    [Fact]
    public void LoadWeights_OneSetUnderTwoNames_IsNoQuestion()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Begin().Key("first").State(3).Put(p => p.Put(500)).Key("second").Put(p => p.Get(500)).End());

        Assert.True(net.LoadWeights(file).IsComplete);
    }

    [Fact]
    public void LoadWeights_TwoPrefixesThatNothingTellsApart_FailsAndNamesBoth()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, name => "left." + name, s =>
        {
            foreach ((var name, var shape) in PickledState.Tensors)
            {
                s.Key("right." + name).Tensor(shape, 7);
            }
        }));

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Contains("'left.' and 'right.'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["right."], net.LoadWeights(file, new WeightLoadOptions { Prefix = "right." }).StrippedPrefixes);
        Assert.Equal(7f, net.TheValue());
    }

    [Fact]
    public void LoadWeights_PrefixSwitchedOff_TakesNamesAsTheyAre()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, name => "module." + name));

        Assert.Throws<WeightMismatchException>(() => net.LoadWeights(file, new WeightLoadOptions { Prefix = "" }));
    }

    [Fact]
    public void LoadWeights_GroupThatIsNotThere_NamesThoseThatAre()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Begin().Key("model").State(3).End());

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file, new WeightLoadOptions { Group = "ema" }));

        Assert.Contains("no tensors at 'ema'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'model'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWeights_PrefixedFileOfAnotherNetwork_StillFailsWithItsNames()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, name => "model." + name.Replace("fc8", "fc9", StringComparison.Ordinal), s => s.Key("loss.weight").Tensor([4], 7)));

        var error = Assert.Throws<WeightMismatchException>(() => net.LoadWeights(file));

        Assert.Equal(["fc8.weight"], error.Report.Missing);
        Assert.Equal(["model.fc9.weight", "loss.weight"], error.Report.Unexpected);
        Assert.Equal(0, float.IsNaN(net.TheValue()) ? 0 : 1);
    }

    [Fact]
    public void LoadWeights_OtherNetworkWithAFewNamesInSeveralPlaces_IsAMismatchAndNoQuestion()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Put(p => p.OrderedDict().Op('('))
            .Key("layer1.bn.bias").Tensor([2], 7).Key("layer2.bn.bias").Tensor([2], 7).Key("layer3.conv.kernel").Tensor([5], 7).End());

        var error = Assert.Throws<WeightMismatchException>(() => net.LoadWeights(file));

        Assert.Equal(["layer2.bn.bias", "layer3.conv.kernel"], error.Report.Unexpected);
    }

    [Fact]
    public void LoadWeights_PrefixedSafetensorsAndParams_AreStripped()
    {
        using var net = new SpelledNet();
        var mxnet = MxNetBytes.List([.. PickledState.Tensors.Select(tensor => (
            (tensor.Name.Contains("running", StringComparison.Ordinal) ? "aux:" : "arg:") + tensor.Name,
            MxNetBytes.Array(MxNetBytes.V2, [.. tensor.Shape], 0, [.. Enumerable.Repeat(BitConverter.GetBytes(5f), (int)tensor.Shape.Aggregate(1L, (a, b) => a * b)).SelectMany(b => b)])))]);
        using var parameters = WeightFile.Read(new MemoryStream(mxnet), "weights.params");

        Assert.Equal(["arg:", "aux:"], net.LoadWeights(parameters).StrippedPrefixes);
        Assert.Equal(5f, net.TheValue());

        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, net.state_dict().Select(item => ($"module._orig_mod.{item.Key}", item.Value)));
        stream.Position = 0;
        using var safetensors = WeightFile.Read(stream, "weights.safetensors");

        Assert.Equal(["module._orig_mod."], net.LoadWeights(safetensors).StrippedPrefixes);
    }

    private static WeightFile Read(PickledState state) => WeightFile.Read(new MemoryStream(state.Zip()), "spelled.pth");
}
