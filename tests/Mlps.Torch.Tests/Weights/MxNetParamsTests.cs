using Mlps.Torch.Networks;
using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

public sealed class MxNetParamsTests
{
    private const double SmallWidth = 1.0 / 16;

    public static TheoryData<int, ScalarType, int> ElementTypes => new()
    {
        { 0, ScalarType.Float32, 4 },
        { 1, ScalarType.Float64, 8 },
        { 2, ScalarType.Float16, 2 },
        { 3, ScalarType.Byte, 1 },
        { 4, ScalarType.Int32, 4 },
        { 5, ScalarType.Int8, 1 },
        { 6, ScalarType.Int64, 8 },
        { 7, ScalarType.Bool, 1 },
        { 12, ScalarType.BFloat16, 2 },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(MxNetBytes.V1)]
    [InlineData(MxNetBytes.V2)]
    [InlineData(MxNetBytes.V3)]
    public void Read_EveryHeader_GivesNamesShapesAndValues(uint magic)
    {
        byte[] first = TorchBytes.Floats(1, 2, 3, 4, 5, 6), second = TorchBytes.Floats(7);
        using var file = Read(MxNetBytes.List(
            ("arg:a", MxNetBytes.Array(magic, [2, 3], 0, first)),
            ("aux:b", MxNetBytes.Array(magic, [1], 0, second))));

        Assert.Equal(WeightFileFormat.MxNetParams, file.Format);
        Assert.Equal(["arg:a [2, 3] Float32", "aux:b [1] Float32"], file.Entries.Select(entry => entry.ToString()));
        Assert.Equal(first, file.LoadBytes("arg:a"));
        Assert.Equal(second, file.LoadBytes("aux:b"));
    }

    [Theory]
    [MemberData(nameof(ElementTypes))]
    public void Read_EveryElementType_IsRecognised(int flag, ScalarType type, int size)
    {
        byte[] values = [.. Enumerable.Range(0, 2 * size).Select(i => (byte)(i % 2))];
        using var file = Read(MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [2], flag, values))));

        Assert.Equal(type, file.Entries[0].DType);
        Assert.Equal(values, file.LoadBytes("a"));
    }

    [Fact]
    public void Read_EmptyArray_IsPassedOver()
    {
        using var file = Read(MxNetBytes.List(
            ("none", MxNetBytes.Array(MxNetBytes.V2, [], 0, [])),
            ("unknown", MxNetBytes.Array(MxNetBytes.V3, [], 0, [], dimensions: -1)),
            ("scalar", MxNetBytes.Array(MxNetBytes.V3, [], 0, TorchBytes.Floats(8)))));

        Assert.Equal(["scalar [] Float32"], file.Entries.Select(entry => entry.ToString()));
        Assert.Equal(TorchBytes.Floats(8), file.LoadBytes("scalar"));
    }

    [Fact]
    public void Read_SparseArray_SaysHowToConvert()
    {
        var error = Assert.Throws<WeightFileException>(
            () => Read(MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [1], 0, new byte[4], storage: 1)))));

        Assert.Contains("tostype('default')", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(99, "has the element type 99")]
    [InlineData(9, "has the element type 9")]
    public void Read_UnknownElementType_IsNamed(int flag, string expected)
    {
        var error = Assert.Throws<WeightFileException>(() => Read(MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [1], flag, new byte[4])))));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ShapeThatOverflows_IsRefused()
    {
        var error = Assert.Throws<WeightFileException>(
            () => Read(MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [1L << 40, 1L << 40], 0, [])))));

        Assert.Contains("larger than any file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NegativeSize_IsRefused()
    {
        Assert.Throws<WeightFileException>(() => Read(MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [-4, -1], 0, new byte[16])))));
    }

    [Fact]
    public void Read_CountBeyondTheFile_IsRefusedBeforeAnythingIsAllocated()
    {
        var content = MxNetBytes.List(("a", MxNetBytes.Array(MxNetBytes.V2, [1], 0, new byte[4])));
        content[16 + 7] = 0x7F;

        var error = Assert.Throws<WeightFileException>(() => Read(content));

        Assert.Contains("arrays in the", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EveryTruncation_IsRefused()
    {
        var content = MxNetBytes.List(
            ("a", MxNetBytes.Array(MxNetBytes.V2, [2, 2], 0, new byte[16])), ("b", MxNetBytes.Array(0, [2], 0, new byte[8])));

        for (var length = 0; length < content.Length; length++)
        {
            Assert.Throws<WeightFileException>(() => Read(content[..length]));
        }
    }

    [Theory]
    [InlineData("arg:conv1a_weight", "conv1a.weight")]
    [InlineData("conv1a_weight", "conv1a.weight")]
    [InlineData("arg:res2a_branch2a_weight", "b2.conv_branch2a.weight")]
    [InlineData("arg:res2a_branch1_weight", "b2.conv_branch1.weight")]
    [InlineData("arg:res4b5_branch2b1_weight", "b4_5.conv_branch2b1.weight")]
    [InlineData("arg:res7a_branch2b2_weight", "b7.conv_branch2b2.weight")]
    [InlineData("arg:bn2a_branch2a_gamma", "b2.bn_branch2a.weight")]
    [InlineData("arg:bn5b2_branch2b1_beta", "b5_2.bn_branch2b1.bias")]
    [InlineData("aux:bn6a_branch2b2_moving_mean", "b6.bn_branch2b2.running_mean")]
    [InlineData("aux:bn7_moving_var", "bn7.running_var")]
    [InlineData("arg:bn7_gamma", "bn7.weight")]
    [InlineData("arg:linear1000_weight", null)]
    [InlineData("arg:linear1000_bias", null)]
    [InlineData("arg:res2a_branch2a_gamma", "arg:res2a_branch2a_gamma")]
    [InlineData("arg:bn2a_branch2a_weight", "arg:bn2a_branch2a_weight")]
    [InlineData("arg:res8a_branch2a_weight", "arg:res8a_branch2a_weight")]
    [InlineData("arg:fc1_weight", "arg:fc1_weight")]
    public void Map_MxNetName_GivesTheModulesName(string name, string? expected)
    {
        Assert.Equal(expected, MxNetResNet38Names.Map(name));
    }

    [Fact]
    public void LoadWeights_ImageNetFile_FillsEverythingButTheNewLastLayer()
    {
        using var scope = NewDisposeScope();
        using var network = new ResNet38(4, SmallWidth);
        var head = network.state_dict()["fc8.weight"].detach().data<float>().ToArray();
        (string, byte[])[] arrays =
        [
            .. Fixture.Shapes("stage1_small").Where(tensor => tensor.Type == "float32" && tensor.Name != "fc8.weight").Select(tensor => (
                ToMxNet(tensor.Name),
                MxNetBytes.Array(MxNetBytes.V1, tensor.Shape, 0, TorchBytes.Floats(ProceduralWeights.Values(tensor.Name, tensor.Shape))))),
            ("arg:linear1000_weight", MxNetBytes.Array(MxNetBytes.V1, [2, 2], 0, new byte[16])),
            ("arg:linear1000_bias", MxNetBytes.Array(MxNetBytes.V1, [2], 0, new byte[8])),
        ];
        using var file = Read(MxNetBytes.List(arrays));

        var report = network.LoadWeights(file, new WeightLoadOptions { MapName = MxNetResNet38Names.Map, Exclude = ["fc8"] });

        Assert.True(report.IsComplete);
        Assert.Equal(["fc8.weight"], report.Excluded);
        Assert.All(report.MissingCounters, name => Assert.EndsWith(".num_batches_tracked", name, StringComparison.Ordinal));
        var state = network.state_dict();
        Assert.All(report.Matched, name => Assert.Equal(
            ProceduralWeights.Values(name, state[name].shape), state[name].detach().data<float>().ToArray()));
        Assert.Equal(head, state["fc8.weight"].detach().data<float>().ToArray());
    }

    /// <summary>The published MXNet name of a parameter, from the table of blocks.</summary>
    private static string ToMxNet(string name)
    {
        var parts = name.Split('.');
        var field = parts[^1] switch
        {
            "weight" when parts[^2].StartsWith("bn", StringComparison.Ordinal) => "gamma",
            "bias" => "beta",
            "running_mean" => "moving_mean",
            "running_var" => "moving_var",
            _ => "weight",
        };
        var list = field.StartsWith("moving", StringComparison.Ordinal) ? "aux:" : "arg:";
        if (parts.Length == 2)
        {
            return $"{list}{parts[0]}_{field}";
        }

        var unit = parts[0] switch
        {
            "b2" => "2a",
            "b2_1" => "2b1",
            "b2_2" => "2b2",
            "b3" => "3a",
            "b3_1" => "3b1",
            "b3_2" => "3b2",
            "b4" => "4a",
            "b4_1" => "4b1",
            "b4_2" => "4b2",
            "b4_3" => "4b3",
            "b4_4" => "4b4",
            "b4_5" => "4b5",
            "b5" => "5a",
            "b5_1" => "5b1",
            "b5_2" => "5b2",
            "b6" => "6a",
            "b7" => "7a",
            _ => throw new ArgumentException($"No block {parts[0]}."),
        };
        var layer = parts[1].Split('_');
        return $"{list}{(layer[0] == "conv" ? "res" : "bn")}{unit}_{layer[1]}_{field}";
    }

    private static WeightFile Read(byte[] content) => WeightFile.Read(new MemoryStream(content), "hand-written.params");
}
