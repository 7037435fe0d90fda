using System.Buffers.Binary;
using System.Text;
using Mlps.Testing;
using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

public sealed class SafetensorsWriterTests
{
    public static TheoryData<ScalarType> AllTypes =>
    [
        ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64, ScalarType.Bool,
    ];

    [Fact]
    public void Write_TwoTensors_GivesExactlyTheBytesOfTheFormat()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();

        SafetensorsWriter.Write(
            stream,
            [("b", tensor(new byte[] { 1, 2, 3 })), ("a", tensor(new[] { 1f, -2f }, [2, 1]))],
            new Dictionary<string, string> { ["format"] = "pt" });

        const string Header =
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        Assert.Equal(SafetensorsBytes.Create(padded, 0, 0, 128, 63, 0, 0, 0, 192, 1, 2, 3), stream.ToArray());
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void WriteThenRead_EveryElementType_KeepsEveryBit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var original = (arange(0, 24, dtype: ScalarType.Float32) - 5).view(2, 3, 4).to_type(type);

        var loaded = RoundTrip(original);

        Assert.Equal(type, loaded.dtype);
        Assert.Equal(original.shape, loaded.shape);
        Assert.Equal(original.bytes.ToArray(), loaded.bytes.ToArray());
    }

    [Fact]
    public void WriteThenRead_NotANumberAndInfinity_KeepTheirBits()
    {
        using var scope = NewDisposeScope();
        var original = tensor(new[] { float.NaN, float.PositiveInfinity, -0f, float.Epsilon });

        Assert.Equal(original.bytes.ToArray(), RoundTrip(original).bytes.ToArray());
    }

    [Fact]
    public void WriteThenRead_TransposedAndExpandedTensors_KeepTheirValues()
    {
        using var scope = NewDisposeScope();
        var transposed = arange(0, 6, dtype: ScalarType.Float32).view(2, 3).t();
        var expanded = full(1, 3f).expand(4);

        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], RoundTrip(transposed).data<float>().ToArray());
        Assert.Equal([3f, 3f, 3f, 3f], RoundTrip(expanded).data<float>().ToArray());
    }

    [Fact]
    public void WriteThenRead_ScalarAndEmptyTensors_KeepTheirShapes()
    {
        using var scope = NewDisposeScope();

        Assert.Empty(RoundTrip(tensor(5L)).shape);
        Assert.Equal([2L, 0L], RoundTrip(zeros(2, 0)).shape);
    }

    [Fact]
    public void Write_AnotherOrder_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors = [("z", ones(2)), ("a", zeros(3)), ("m", ones(1, dtype: ScalarType.Float64)), ("é\"\\", ones(1))];
        using var forward = new MemoryStream();
        using var backward = new MemoryStream();

        SafetensorsWriter.Write(forward, tensors, new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" });
        SafetensorsWriter.Write(backward, tensors.Reverse(), new Dictionary<string, string> { ["a"] = "2", ["b"] = "1" });

        Assert.Equal(forward.ToArray(), backward.ToArray());
        using var file = WeightFile.Read(forward.Rewound(), "forward");
        Assert.Equal(["m", "a", "z", "é\"\\"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Write_NameTwice_NamesIt()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(new MemoryStream(), [("fc8", ones(1)), ("fc8", ones(1))]));

        Assert.Contains("'fc8'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ComplexTensor_NamesTensorAndType()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(new MemoryStream(), [("spectrum", zeros(1, dtype: ScalarType.ComplexFloat32))]));

        Assert.Contains("'spectrum'", error.Message, StringComparison.Ordinal);
        Assert.Contains("ComplexFloat32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FailsHalfway_LeavesTheOldFileAndNothingElse()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("model.safetensors");
        File.WriteAllText(path, "old");

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [("x", zeros(1, dtype: ScalarType.ComplexFloat32))]));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_ExistingFile_ReplacesIt()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("model.safetensors");
        File.WriteAllText(path, "old");

        SafetensorsWriter.Write(path, [("x", ones(2))]);

        using var file = WeightFile.Open(path);
        Assert.Equal([1f, 1f], file.Load("x").data<float>().ToArray());
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_HeaderLength_IsAMultipleOfEight()
    {
        using var scope = NewDisposeScope();
        for (var length = 1; length <= 8; length++)
        {
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(stream, [(new string('x', length), ones(1))]);

            var header = BinaryPrimitives.ReadInt64LittleEndian(stream.ToArray());
            Assert.Equal(0, header % 8);
            Assert.StartsWith("{\"x", Encoding.UTF8.GetString(stream.ToArray(), 8, (int)header), StringComparison.Ordinal);
        }
    }

    private static Tensor RoundTrip(Tensor original)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("t", original)]);
        using var file = WeightFile.Read(stream.Rewound(), "round trip");
        return file.Load("t");
    }
}
