using Google.Protobuf;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Torch.Tests.Weights;

public sealed class OnnxReaderTests
{
    public static TheoryData<string, ScalarType, int> ElementTypes => new()
    {
        { nameof(DataType.Float), ScalarType.Float32, 4 },
        { nameof(DataType.Double), ScalarType.Float64, 8 },
        { nameof(DataType.Float16), ScalarType.Float16, 2 },
        { nameof(DataType.Bfloat16), ScalarType.BFloat16, 2 },
        { nameof(DataType.Int64), ScalarType.Int64, 8 },
        { nameof(DataType.Int32), ScalarType.Int32, 4 },
        { nameof(DataType.Int16), ScalarType.Int16, 2 },
        { nameof(DataType.Int8), ScalarType.Int8, 1 },
        { nameof(DataType.Uint8), ScalarType.Byte, 1 },
        { nameof(DataType.Bool), ScalarType.Bool, 1 },
    };

    [Fact]
    public void Read_RawData_GivesNamesShapesAndValuesInTheFilesOrder()
    {
        using var file = Read(OnnxBytes.Model(OnnxBytes.Raw("27", [2, 3], 1, 2, 3, 4, 5, 6), OnnxBytes.Raw("/conv/weights", [], 7), OnnxBytes.Raw("none", [0, 3])));

        Assert.Equal(WeightFileFormat.Onnx, file.Format);
        Assert.Equal(["27 [2, 3] Float32", "/conv/weights [] Float32", "none [0, 3] Float32"], file.Entries.Select(entry => entry.ToString()));
        Assert.Equal(TorchBytes.Floats(1, 2, 3, 4, 5, 6), file.LoadBytes("27"));
        Assert.Equal(TorchBytes.Floats(7), file.LoadBytes("/conv/weights"));
        Assert.Empty(file.LoadBytes("none"));
    }

    [Fact]
    public void Read_TextsBesideTheGraph_AreItsMetadata()
    {
        using var file = Read(OnnxBytes.Model(OnnxBytes.Raw("a", [1], 1)));

        Assert.Equal(
            [("classes", "TE,NEC"), ("ir_version", "8"), ("producer_name", "mlps tests"), ("producer_version", "1.0")],
            file.Metadata.Select(item => (item.Key, item.Value)).Order());
    }

    [Theory]
    [MemberData(nameof(ElementTypes))]
    public void Read_EveryElementType_IsRecognised(string name, ScalarType type, int size)
    {
        byte[] values = [.. Enumerable.Range(0, 2 * size).Select(i => (byte)(i % 2))];
        using var file = Read(OnnxBytes.Model(OnnxBytes.Raw("a", [2], Enum.Parse<DataType>(name), values)));

        Assert.Equal(type, file.Entries[0].DType);
        Assert.Equal(values, file.LoadBytes("a"));
    }

    [Fact]
    public void Read_NumbersOneByOne_AreTheSameAsRawBytes()
    {
        using var file = Read(OnnxBytes.Model(
            OnnxBytes.Floats("float", [3], 1.5f, -2, float.Epsilon),
            new TensorProto { Name = "double", DataType = (int)DataType.Double, Dims = { 2 }, DoubleData = { Math.PI, -1 } },
            new TensorProto { Name = "int64", DataType = (int)DataType.Int64, Dims = { 3 }, Int64Data = { -1, long.MaxValue, 300 } },
            OnnxBytes.Integers("int32", [3], DataType.Int32, int.MinValue, 0, 70_000),
            OnnxBytes.Integers("int16", [2], DataType.Int16, -32_768, 32_767),
            OnnxBytes.Integers("int8", [3], DataType.Int8, -128, -1, 127),
            OnnxBytes.Integers("uint8", [2], DataType.Uint8, 0, 255),
            OnnxBytes.Integers("bool", [2], DataType.Bool, 1, 0),
            OnnxBytes.Integers("float16", [2], DataType.Float16, BitConverter.HalfToUInt16Bits((Half)0.1f), BitConverter.HalfToUInt16Bits((Half)(-2f))),
            OnnxBytes.Integers("bfloat16", [1], DataType.Bfloat16, 0xC040)));

        Assert.Equal([1.5f, -2, float.Epsilon], Values<float>(file, "float"));
        Assert.Equal([Math.PI, -1], Values<double>(file, "double"));
        Assert.Equal([-1, long.MaxValue, 300], Values<long>(file, "int64"));
        Assert.Equal([int.MinValue, 0, 70_000], Values<int>(file, "int32"));
        Assert.Equal([-32_768, 32_767], Values<short>(file, "int16"));
        Assert.Equal([-128, -1, 127], Values<sbyte>(file, "int8"));
        Assert.Equal([0, 255], Values<byte>(file, "uint8"));
        Assert.Equal([true, false], Values<bool>(file, "bool"));
        Assert.Equal([(Half)0.1f, (Half)(-2f)], Values<Half>(file, "float16"));
        Assert.Equal([-3f], Values<float>(file, "bfloat16", ScalarType.Float32));
    }

    /// <summary>A protocol buffer may hold repeated numbers packed, one a field, or in several packs.</summary>
    [Fact]
    public void Read_NumbersInPieces_AreJoined()
    {
        TensorProto head = new() { Name = "a", DataType = (int)DataType.Float }, middle = new() { FloatData = { 2, 3 } };
        byte[] tensor = [.. head.ToByteArray(), 0x25, .. TorchBytes.Floats(1), .. middle.ToByteArray(), 0x0A, 1, 4];
        byte[] shorts = [.. new TensorProto { Name = "b", DataType = (int)DataType.Int16, Dims = { 2 } }.ToByteArray(), 0x28, 5, 0x28, 0x80, 1];
        byte[] last = [.. new TensorProto { FloatData = { 4 } }.ToByteArray()];
        using var file = Read(Wrapped([.. tensor, .. last], shorts));

        Assert.Equal([1, 2, 3, 4], Values<float>(file, "a"));
        Assert.Equal([5, 128], Values<short>(file, "b"));
    }

    [Fact]
    public void LoadWeights_Model_FillsTheNetwork()
    {
        using var net = new SpelledNet();
        using var file = Read(OnnxBytes.Spelled(3));

        var report = net.LoadWeights(file);

        Assert.True(report.IsComplete, report.ToString());
        Assert.Equal(3, net.TheValue());
    }

    [Fact]
    public void LoadWeights_NotANumber_NamesTheTensorAndChangesNothing()
    {
        using var net = new SpelledNet();
        using var file = Read(OnnxBytes.Spelled(3, without: "bn.bias", OnnxBytes.Floats("bn.bias", [2], 1, float.NaN)));

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Contains("'bn.bias' holds 1 NaN among its 2 values, the first at index 1", error.Message, StringComparison.Ordinal);
        Assert.True(float.IsNaN(net.TheValue()), "Nothing may have been loaded.");
    }

    [Fact]
    public void LoadWeights_TensorsThatAreNoWeights_MatterWhereTheyAreNeeded()
    {
        TensorProto text = new() { Name = "labels", DataType = (int)DataType.String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("TE") } };
        using var net = new SpelledNet();
        using var beside = Read(OnnxBytes.Spelled(3, null, text));
        using var instead = Read(OnnxBytes.Spelled(3, "bn.bias", OnnxBytes.Raw("bn.bias", [2], DataType.Int4, [0x21])));

        Assert.DoesNotContain(beside.Entries, entry => entry.Name == "labels");
        Assert.True(net.LoadWeights(beside).IsComplete);
        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(instead));
        Assert.Contains("the tensor 'bn.bias' has the element type INT4, which cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWeights_SparseTensor_IsNamedWhereItIsNeeded()
    {
        var model = ModelProto.Parser.ParseFrom(OnnxBytes.Spelled(3, without: "bn.bias"));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = OnnxBytes.Raw("bn.bias", [1], 3), Dims = { 2 } });
        using var net = new SpelledNet();
        using var file = Read(model.ToByteArray());

        Assert.Contains("'bn.bias' is sparse", Assert.Throws<WeightFileException>(() => net.LoadWeights(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ConstantsInBranches_AreNoInitializers()
    {
        var branch = OnnxBytes.Node("If", "y", "x");
        branch.Attribute.Add(new AttributeProto
        {
            Name = "then_branch",
            Type = AttributeProto.Types.AttributeType.Graph,
            G = new GraphProto { Initializer = { OnnxBytes.Raw("inner", [1], 1) } },
        });
        using var file = Read(OnnxBytes.Graph([branch], [OnnxBytes.Raw("outer", [1], 2)]).ToByteArray());

        Assert.Equal(["outer"], file.Entries.Select(entry => entry.Name));
    }

    private static T[] Values<T>(WeightFile file, string name, ScalarType? type = null)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        var tensor = file.Load(name);
        return (type is { } converted ? tensor.to_type(converted) : tensor).data<T>().ToArray();
    }

    /// <summary>A model of initializers that are given as bytes.</summary>
    private static byte[] Wrapped(params byte[][] tensors)
    {
        using var graph = new MemoryStream();
        foreach (var tensor in tensors)
        {
            using var output = new CodedOutputStream(graph, leaveOpen: true);
            output.WriteTag(GraphProto.InitializerFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(tensor));
        }

        using var model = new MemoryStream();
        using (var output = new CodedOutputStream(model, leaveOpen: true))
        {
            output.WriteRawTag(0x08, 8);
            output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(graph.ToArray()));
        }

        return model.ToArray();
    }

    private static WeightFile Read(byte[] content) => WeightFile.Read(new MemoryStream(content), "hand-written.onnx");
}
