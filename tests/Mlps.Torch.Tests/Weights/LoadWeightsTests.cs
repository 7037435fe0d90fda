using Mlps.Testing;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

public sealed class LoadWeightsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TinyNet _net = new();

    public void Dispose()
    {
        _net.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void LoadWeights_OwnFile_RestoresEveryTensor()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("net.safetensors");
        var before = Values();
        _net.SaveWeights(path, new Dictionary<string, string> { ["epoch"] = "3" });
        Scramble();

        var report = _net.LoadWeights(path);

        Assert.True(report.IsComplete);
        Assert.Equal(before.Keys.Order(), report.Matched.Order());
        Assert.Equal(before.OrderBy(item => item.Key), Values().OrderBy(item => item.Key));
    }

    [Fact]
    public void LoadWeights_ParametersStillTrain()
    {
        using var file = FileOf(Everything());
        _net.LoadWeights(file);

        Assert.All(_net.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
    }

    [Fact]
    public void LoadWeights_MissingUnexpectedAndWrongShape_ListsAllAndChangesNothing()
    {
        var tensors = Everything();
        tensors.Remove("conv.weight");
        tensors["extra.weight"] = ones(1);
        tensors["fc8.weight"] = ones(7, 2, 1, 1);
        tensors["bn.bias"] = ones(2, dtype: ScalarType.Int64);
        var before = Values();
        using var file = FileOf(tensors);

        var error = Assert.Throws<WeightMismatchException>(() => _net.LoadWeights(file));

        Assert.Equal(["conv.weight"], error.Report.Missing);
        Assert.Equal(["extra.weight"], error.Report.Unexpected);
        Assert.Equal(["fc8.weight (expected [4, 2, 1, 1], found [7, 2, 1, 1])"], error.Report.WrongShape.Select(item => item.ToString()));
        Assert.Equal(["bn.bias (Int64 to Float32)"], error.Report.WrongType.Select(item => item.ToString()));
        Assert.All(
            ["'test file'", "conv.weight", "extra.weight", "fc8.weight", "bn.bias", "[7, 2, 1, 1]"],
            part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Equal(before.OrderBy(item => item.Key), Values().OrderBy(item => item.Key));
    }

    [Fact]
    public void LoadWeights_PartialAllowed_LoadsWhatMatchesAndReportsTheRest()
    {
        var tensors = Everything();
        tensors["fc8.weight"] = ones(7, 2, 1, 1);
        tensors["conv.weight"] = full_like(tensors["conv.weight"], 9);
        var head = Values()["fc8.weight"];
        using var file = FileOf(tensors);

        var report = _net.LoadWeights(file, new WeightLoadOptions { AllowPartial = true });

        Assert.False(report.IsComplete);
        Assert.DoesNotContain("fc8.weight", report.Matched);
        Assert.All(Values()["conv.weight"], value => Assert.Equal(9f, value));
        Assert.Equal(head, Values()["fc8.weight"]);
    }

    [Fact]
    public void LoadWeights_NothingMatches_FailsEvenWhenPartialIsAllowed()
    {
        using var file = FileOf(new() { ["other"] = ones(1) });

        Assert.Throws<WeightMismatchException>(() => _net.LoadWeights(file, new WeightLoadOptions { AllowPartial = true }));
    }

    [Fact]
    public void LoadWeights_DamagedLastTensor_ChangesNothing()
    {
        // The booleans are the last bytes of the file, so everything before them could have been loaded.
        using var stream = new MemoryStream();
        using var net = new TinyNet(withMask: true);
        SafetensorsWriter.Write(stream, net.state_dict().Select(item => (item.Key, full_like(item.Value, 1))));
        var content = stream.ToArray();
        content[^1] = 2;
        var before = net.state_dict()["conv.weight"].data<float>().ToArray();
        using var file = WeightFile.Read(new MemoryStream(content), "damaged");

        Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Equal(before, net.state_dict()["conv.weight"].data<float>().ToArray());
    }

    [Fact]
    public void LoadWeights_DataParallelPrefixOnEveryName_IsStripped()
    {
        using var file = FileOf(Everything().ToDictionary(item => $"module.{item.Key}", item => item.Value));

        Assert.True(_net.LoadWeights(file).IsComplete);
    }

    [Fact]
    public void LoadWeights_PrefixOnSomeNamesOnly_IsPartOfTheName()
    {
        var tensors = Everything();
        tensors.Remove("conv.weight", out var conv);
        tensors["module.conv.weight"] = conv!;
        using var file = FileOf(tensors);

        var error = Assert.Throws<WeightMismatchException>(() => _net.LoadWeights(file));

        Assert.Equal(["module.conv.weight"], error.Report.Unexpected);
    }

    [Fact]
    public void LoadWeights_WithoutBatchCounters_IsComplete()
    {
        var tensors = Everything();
        Assert.True(tensors.Remove("bn.num_batches_tracked"));
        using var file = FileOf(tensors);

        var report = _net.LoadWeights(file);

        Assert.Equal(["bn.num_batches_tracked"], report.MissingCounters);
    }

    [Fact]
    public void LoadWeights_ExcludedLastLayer_IsLeftAloneWhateverItsShape()
    {
        var tensors = Everything();
        tensors["fc8.weight"] = ones(20, 2, 1, 1);
        tensors["fc8.bias"] = ones(20);
        var head = Values()["fc8.weight"];
        using var file = FileOf(tensors);

        var report = _net.LoadWeights(file, new WeightLoadOptions { Exclude = ["fc8"] });

        Assert.Equal(["fc8.weight"], report.Excluded);
        Assert.Equal(head, Values()["fc8.weight"]);
    }

    [Fact]
    public void LoadWeights_ExcludedPrefix_DoesNotReachIntoLongerNames()
    {
        using var file = FileOf(Everything());

        Assert.Empty(_net.LoadWeights(file, new WeightLoadOptions { Exclude = ["con", "fc", "fc8.weigh"] }).Excluded);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void LoadWeights_OtherPrecision_ConvertsAndReportsIt(ScalarType type)
    {
        var tensors = Everything();
        tensors["conv.weight"] = full_like(tensors["conv.weight"], 0.5).to_type(type);
        using var file = FileOf(tensors);

        var report = _net.LoadWeights(file);

        Assert.Equal([new WeightTypeDifference("conv.weight", ScalarType.Float32, type)], report.Converted);
        Assert.All(Values()["conv.weight"], value => Assert.Equal(0.5f, value));
    }

    [Fact]
    public void LoadWeights_MappedNames_AreUsedAndNullIsPassedOver()
    {
        var tensors = Everything().ToDictionary(item => $"net/{item.Key}", item => item.Value);
        tensors["linear1000"] = ones(1);
        using var file = FileOf(tensors);

        var report = _net.LoadWeights(file, new WeightLoadOptions
        {
            MapName = name => name == "linear1000" ? null : name["net/".Length..],
        });

        Assert.True(report.IsComplete);
    }

    [Fact]
    public void LoadWeights_TwoNamesMappedToOne_NamesBoth()
    {
        using var file = FileOf(Everything());

        var error = Assert.Throws<WeightFileException>(() => _net.LoadWeights(file, new WeightLoadOptions { MapName = _ => "conv.weight" }));

        Assert.Contains("'conv.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IntoAnotherShape_NamesBothShapes()
    {
        using var file = FileOf(new() { ["a"] = ones(2, 3) });

        var error = Assert.Throws<ArgumentException>(() => file.Load("a", zeros(3, 2)));

        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[3, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWeights_ManyTimes_LeavesNoTensorsBehind()
    {
        using var file = FileOf(Everything());
        _net.LoadWeights(file);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        for (var i = 0; i < 20; i++)
        {
            _net.LoadWeights(file);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static WeightFile FileOf(Dictionary<string, Tensor> tensors)
    {
        var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors.Select(item => (item.Key, item.Value)));
        return WeightFile.Read(stream.Rewound(), "test file");
    }

    private Dictionary<string, Tensor> Everything() => _net.state_dict().ToDictionary(item => item.Key, item => item.Value.detach().clone());

    private Dictionary<string, float[]> Values() =>
        _net.state_dict().ToDictionary(item => item.Key, item => item.Value.detach().to_type(ScalarType.Float32).data<float>().ToArray());

    private void Scramble()
    {
        using var noGradients = no_grad();
        foreach (var tensor in _net.state_dict().Values)
        {
            tensor.fill_(77);
        }
    }

    private sealed class TinyNet : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> _layers;

        public TinyNet(bool withMask = false)
            : base(nameof(TinyNet))
        {
            nn.Module<Tensor, Tensor> conv = nn.Conv2d(3, 2, 3, bias: false);
            nn.Module<Tensor, Tensor> bn = nn.BatchNorm2d(2);
            nn.Module<Tensor, Tensor> head = nn.Conv2d(2, 4, 1, bias: false);
            _layers = nn.Sequential(conv, bn, head);
            register_module("conv", conv);
            register_module("bn", bn);
            register_module("fc8", head);
            if (withMask)
            {
                register_buffer("zmask", ones(3, dtype: ScalarType.Bool));
            }
        }

        public override Tensor forward(Tensor input) => _layers.forward(input);
    }
}
