using Google.Protobuf;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Onnx;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Torch.Tests.Weights;

/// <summary>ONNX models that were made to harm or damaged on the way: each is refused by name.</summary>
public sealed class HostileOnnxTests
{
    /// <summary>A tensor, and what the error says of it.</summary>
    public static TheoryData<string, byte[], string> Tensors => new()
    {
        { "no name", OnnxBytes.Raw("", [1], 1).ToByteArray(), "initializer 0" },
        { "no type", new TensorProto { Name = "w", Dims = { 0 } }.ToByteArray(), "'w' has the element type 0" },
        { "negative size", OnnxBytes.Raw("w", [-4, -1], 1, 2, 3, 4).ToByteArray(), "'w' has the shape [-4, -1]" },
        { "sizes that overflow", OnnxBytes.Raw("w", [1L << 40, 1L << 40]).ToByteArray(), "larger than any file" },
        { "huge and empty", OnnxBytes.Raw("w", [0, 1L << 40, 1L << 40]).ToByteArray(), "larger than any file" },
        { "more than the file", OnnxBytes.Raw("w", [1L << 40], 1).ToByteArray(), "takes 4398046511104 bytes, but its raw_data has 4" },
        { "65 dimensions", OnnxBytes.Raw("w", [.. Enumerable.Repeat(1L, 65)], 1).ToByteArray(), "more than 64 dimensions" },
        { "too few bytes", OnnxBytes.Raw("w", [2], 1).ToByteArray(), "takes 8 bytes, but its raw_data has 4" },
        { "half a number", OnnxBytes.Raw("w", [1], DataType.Float, [0, 0, 0]).ToByteArray(), "takes 4 bytes, but its raw_data has 3" },
        { "no values", OnnxBytes.Raw("w", [2]).ToByteArray(), "has 2 values, but its raw_data is empty and its float_data has 0" },
        { "too few numbers", OnnxBytes.Floats("w", [3], 1, 2).ToByteArray(), "its float_data has 2" },
        { "numbers of another type", OnnxBytes.Integers("w", [1], DataType.Float, 1).ToByteArray(), "in several fields; expected them in raw_data or in float_data alone" },
        { "values twice", new TensorProto(OnnxBytes.Raw("w", [1], 1)) { FloatData = { 1 } }.ToByteArray(), "in several fields" },
        { "pack of 3 bytes", [.. new TensorProto { Name = "w", DataType = 1, Dims = { 1 } }.ToByteArray(), 0x22, 3, 0, 0, 0], "4 bytes were expected" },
        { "elsewhere", Elsewhere("weights.bin"), "keeps the values of the tensor 'w' in another file, 'weights.bin'. Save the model in one file" },
        { "text alone", new TensorProto { Name = "w", DataType = (int)DataType.String, StringData = { ByteString.CopyFromUtf8("TE") } }.ToByteArray(), "without a tensor that can be read: 'w' has the element type STRING" },
        { "a type of the future", OnnxBytes.Raw("w", [1], (DataType)99, [1]).ToByteArray(), "'w' has the element type 99" },
        { "segment", new TensorProto(OnnxBytes.Raw("w", [1], 1)) { Segment = new() { End = 1 } }.ToByteArray(), "'w' is stored in segments" },
        { "group", [.. OnnxBytes.Raw("w", [1], 1).ToByteArray(), 0xFB, 1, 0xFC, 1], "the wire type 3" },
        { "field 0", [.. OnnxBytes.Raw("w", [1], 1).ToByteArray(), 0, 1], "holds no field of a protocol buffer" },
        { "length beyond the tensor", [.. OnnxBytes.Raw("w", [1], 1).ToByteArray(), 0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], "2147483647 bytes were expected" },
        { "values beyond the tensor", [.. new TensorProto { Name = "w", DataType = 1, Dims = { 2 } }.ToByteArray(), 0x4A, 8, 0, 0, 0, 0], " 8 bytes were expected" },
        { "length of 64 bits", [.. OnnxBytes.Raw("w", [1], 1).ToByteArray(), 0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "18446744073709551615 bytes were expected" },
        { "endless number", [.. OnnxBytes.Raw("w", [1], 1).ToByteArray(), 0x10, .. Enumerable.Repeat((byte)0xFF, 11)], "longer than 64 bits" },
        { "name that is no text", [.. OnnxBytes.Raw("", [1], 1).ToByteArray(), 0x42, 2, 0xC3, 0x28], "not UTF-8" },
    };

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Open_DamagedTensor_IsNamed(string damage, byte[] tensor, string expected)
    {
        var error = RefusedWithinMemory(ModelAround(tensor, Field(0x52, new byte[20])));

        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{damage}: {error.Message}");
    }

    [Theory]
    [InlineData(nameof(DataType.Int8), 128)]
    [InlineData(nameof(DataType.Int8), -129)]
    [InlineData(nameof(DataType.Uint8), -1)]
    [InlineData(nameof(DataType.Int16), 40_000)]
    [InlineData(nameof(DataType.Float16), 65_536)]
    [InlineData(nameof(DataType.Bfloat16), -1)]
    public void Load_NumberOutsideItsType_IsRefused(string type, int value)
    {
        using var file = Read(OnnxBytes.Model(OnnxBytes.Integers("w", [1], Enum.Parse<DataType>(type), value)));

        Assert.Contains($"holds the number {value}; expected", Assert.Throws<WeightFileException>(() => file.LoadBytes("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FlagOtherThan0And1_IsRefused()
    {
        using var file = Read(OnnxBytes.Model(OnnxBytes.Integers("w", [1], DataType.Bool, 2)));

        Assert.Contains("other than 0 and 1", Assert.Throws<WeightFileException>(() => file.LoadBytes("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NameThatOccursTwice_IsNamed()
    {
        Assert.Contains("the tensor 'w' occurs twice", Refused(OnnxBytes.Model(OnnxBytes.Raw("w", [1], 1), OnnxBytes.Raw("w", [1], 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ModelWithoutInitializers_SaysWhatToDo()
    {
        Assert.Contains("without initializers", Refused(OnnxBytes.Graph([OnnxBytes.Node("Constant", "w")], []).ToByteArray()).Message, StringComparison.Ordinal);
        Assert.Contains("without a graph", Refused(new ModelProto { IrVersion = 8, ProducerName = "tests" }.ToByteArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_GiantName_IsRefusedWithoutRepeatingIt()
    {
        var error = RefusedWithinMemory(OnnxBytes.Model(OnnxBytes.Raw(new string('n', 5_000_000), [1], 1)));

        Assert.Contains("more than 4096 bytes", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 1000);
    }

    /// <summary>A parser that makes an object of each would take a hundred times the file's length.</summary>
    [Theory]
    [InlineData(new byte[] { 0x0A, 0 })]
    [InlineData(new byte[] { 0x0A, 2, 0x2A, 0 })]
    [InlineData(new byte[] { 0x5A, 0 })]
    [InlineData(new byte[] { 0x6A, 2, 0x12, 0 })]
    public void Open_MillionsOfEmptyMessages_TakeNoMemory(byte[] message)
    {
        byte[] many = [.. Enumerable.Repeat(message, 2_000_000).SelectMany(bytes => bytes)];

        using var file = Measured(ModelAround(OnnxBytes.Raw("w", [1], 1).ToByteArray(), many));

        Assert.Equal(["w"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Open_MoreTensorsThanTheFileCouldDescribe_IsRefusedWithinMemory()
    {
        var content = OnnxBytes.Model(Enumerable.Range(0, 200_000).Select(i => OnnxBytes.Raw($"{i}", [0])));

        Assert.Contains("needs more memory than the file is long", RefusedWithinMemory(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MoreLayersThanAnyNetwork_TakesLittleMemory()
    {
        var nodes = Enumerable.Range(0, 100_000).Select(i => new NodeProto { OpType = "Conv", Input = { "x", "w" }, Output = { "y" } });

        using var file = Measured(OnnxBytes.Graph(nodes, [OnnxBytes.Raw("w", [1], 1)]).ToByteArray());

        Assert.Single(file.Groups);
    }

    /// <summary>The recursion of a parser would end the process: no exception catches that.</summary>
    [Fact]
    public void Open_GraphsWithinGraphs_NeedNoStack()
    {
        byte[] graph = [];
        for (var depth = 0; depth < 2000; depth++)
        {
            graph = Field(0x0A, Field(0x2A, Field(0x32, graph)));
        }

        using var file = Measured(ModelAround(OnnxBytes.Raw("w", [1], 1).ToByteArray(), graph));

        Assert.Single(file.Entries);
    }

    [Fact]
    public void Open_EveryTruncation_IsRefusedUntilTheGraphIsWhole()
    {
        var content = OnnxBytes.Graph(
            [OnnxBytes.Node("Conv", "y", "x", "w")],
            [OnnxBytes.Raw("w", [2], 1, 2), OnnxBytes.Floats("v", [2], 3, 4), OnnxBytes.Integers("i", [2], DataType.Int8, -1, 5)]).ToByteArray();
        var graphEnd = content.AsSpan().IndexOf((byte[])[0x42, 2, 0x10, 17]);
        Assert.True(graphEnd > 0);

        for (var length = 0; length < graphEnd; length++)
        {
            Assert.Contains("'hostile.pth'", Refused(content[..length]).Message, StringComparison.Ordinal);
        }

        using var whole = Read(content);
        Assert.Equal(3, whole.Entries.Count);
    }

    [Fact]
    public void Open_ModelOf2GiB_IsRefused()
    {
        using var stream = new LongStream([0x08, 0x08, 0x12, 0x04, .. "mlps"u8], 1L << 31);

        var error = Assert.Throws<WeightFileException>(() => WeightFile.Read(stream, "large.onnx"));

        Assert.Contains("'large.onnx': is an ONNX model of 2147483648 bytes; a protocol buffer holds less than 2 GiB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 0x04, 0x12, 0x50, 0x0A, 0x20, 0x0A, 0x05 }, "Core ML")]
    [InlineData(new byte[] { 0x08, 0x07, 0x12, 0x07, 0x70, 0x79 }, "ONNX model")]
    [InlineData(new byte[] { 0x08, 0x07, 0x3A, 0x80, 0x80 }, "ONNX model")]
    public void Open_OtherProtocolBuffer_IsTold(byte[] start, string expected)
    {
        Assert.Contains(expected, Refused([.. start, .. new byte[40]]).Message, StringComparison.Ordinal);
    }

    private static byte[] Elsewhere(string location)
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 1 }, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "4096" });
        return tensor.ToByteArray();
    }

    /// <summary>A model whose graph has one initializer, given as bytes, and other fields, given as bytes.</summary>
    private static byte[] ModelAround(byte[] tensor, byte[]? fields = null) =>
        [0x08, 0x08, 0x12, 0x04, .. "mlps"u8, .. Field(0x3A, [.. Field(0x2A, tensor), .. fields ?? []])];

    /// <summary>A field of bytes behind its tag.</summary>
    private static byte[] Field(byte tag, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteRawTag(tag);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }

    private static WeightFile Read(byte[] content) => WeightFile.Read(new MemoryStream(content), "hostile.pth");
}
