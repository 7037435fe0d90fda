using System.Runtime.InteropServices;
using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

/// <summary>What honest PyTorch files may contain beyond a plain float32 state dict.</summary>
public sealed class TorchPickleTests
{
    private static readonly byte[] Six = TorchBytes.Floats(0, 1, 2, 3, 4, 5);

    public static TheoryData<string, ScalarType> StorageClasses => new()
    {
        { "DoubleStorage", ScalarType.Float64 },
        { "FloatStorage", ScalarType.Float32 },
        { "HalfStorage", ScalarType.Float16 },
        { "BFloat16Storage", ScalarType.BFloat16 },
        { "LongStorage", ScalarType.Int64 },
        { "IntStorage", ScalarType.Int32 },
        { "ShortStorage", ScalarType.Int16 },
        { "CharStorage", ScalarType.Int8 },
        { "ByteStorage", ScalarType.Byte },
        { "BoolStorage", ScalarType.Bool },
        { "ComplexFloatStorage", ScalarType.ComplexFloat32 },
        { "ComplexDoubleStorage", ScalarType.ComplexFloat64 },
    };

    [Theory]
    [MemberData(nameof(StorageClasses))]
    public void Load_EveryStorageClass_KeepsTypeAndBytes(string storageClass, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var size = zeros(1, dtype: type).ElementSize;
        byte[] values = [.. Enumerable.Range(0, (int)(3 * size)).Select(i => (byte)(i % 2))];
        var pickle = TorchBytes.OneTensorPickle(3, 0, [3], [1], storageClass);

        Assert.All([TorchBytes.Zip(pickle, ("0", values)), TorchBytes.Legacy(pickle, [("0", 3, values)])], content =>
        {
            using var file = Read(content);
            var loaded = file.Load("w");
            Assert.Equal(type, loaded.dtype);
            Assert.Equal(values, loaded.bytes.ToArray());
        });
    }

    [Theory]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 3 }, 0, new float[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData(new long[] { 2, 2 }, new long[] { 3, 1 }, 1, new float[] { 1, 2, 4, 5 })]
    [InlineData(new long[] { 3 }, new long[] { 2 }, 1, new float[] { 1, 3, 5 })]
    [InlineData(new long[] { 2, 2 }, new long[] { 0, 1 }, 4, new float[] { 4, 5, 4, 5 })]
    [InlineData(new long[] { 1, 6 }, new long[] { 99, 1 }, 0, new float[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(new long[] { }, new long[] { }, 5, new float[] { 5 })]
    [InlineData(new long[] { 2, 0 }, new long[] { 1, 1 }, 0, new float[] { })]
    public void Load_AnyStridesAndOffset_GivesDenseValues(long[] shape, long[] strides, long first, float[] expected)
    {
        using var scope = NewDisposeScope();
        using var file = Read(TorchBytes.Zip(TorchBytes.OneTensorPickle(6, first, shape, strides), ("0", Six)));

        var loaded = file.Load("w");

        Assert.Equal(shape, loaded.shape);
        Assert.Equal(TorchBytes.Floats(expected), loaded.bytes.ToArray());
    }

    [Fact]
    public void Load_TensorsThatShareAStorage_GivesEachItsPart()
    {
        var pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("left").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [2], [1])
            .Text("right").Tensor(p => p.Storage("FloatStorage", "0", 6), 4, [2], [1])
            .Op('u').Stop();
        using var file = Read(TorchBytes.Legacy(pickle, [("0", 6, Six)]));

        Assert.Equal([0f, 1f], Floats(file, "left"));
        Assert.Equal([4f, 5f], Floats(file, "right"));
    }

    [Fact]
    public void Load_LegacyStorageView_StartsWithinItsStorage()
    {
        var pickle = new PickleWriter().OrderedDict()
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6, ("view", 2, 3)), 1, [2], [1])
            .Op('s').Stop();
        using var file = Read(TorchBytes.Legacy(pickle, [("0", 6, Six)]));

        Assert.Equal([3f, 4f], Floats(file, "w"));
    }

    [Fact]
    public void Load_UntypedStorage_TakesTheTensorsType()
    {
        var pickle = new PickleWriter().OrderedDict().Text("w")
            .Global("torch._utils", "_rebuild_tensor_v3").Op('(')
            .Storage("UntypedStorage", "0", 24).Integer(1).Tuple(2).Tuple(1).False().OrderedDict().Global("torch", "float32").Op('t').Op('R')
            .Op('s').Stop();
        using var file = Read(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal([1f, 2f], Floats(file, "w"));
    }

    [Fact]
    public void Load_Parameter_IsItsTensor()
    {
        var pickle = new PickleWriter().OrderedDict().Text("w")
            .Global("torch._utils", "_rebuild_parameter").Op('(')
            .Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).True().OrderedDict().Op('t').Op('R')
            .Op('s').Stop();
        using var file = Read(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal(6, Floats(file, "w").Length);
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    public void Open_NestedStateDict_IsFoundBesideScoresAndOptimizer(string key)
    {
        using var file = Read(TorchBytes.Zip(TorchBytes.CheckpointPickle(key), ("0", Six)));

        Assert.Equal(["module.fc8.weight", "module.fc8.transposed"], file.Entries.Select(entry => entry.Name));
        Assert.Equal("29", file.Metadata["epoch"]);
        Assert.Equal("0.75", file.Metadata["best_pred"]);
    }

    [Fact]
    public void Open_PythonTwoPickle_IsRead()
    {
        // Python 2 writes str as bytes, large integers as text, and an OrderedDict as a call with a list of pairs.
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Op('(').Op(']').Op('(')
            .Op(']').Op('(').Op('U').Raw(1).Raw((byte)'w')
            .Global("torch._utils", "_rebuild_tensor").Op('(').Storage("FloatStorage", "0", 6).IntegerLine(2).Tuple(3).Tuple(1).Op('t').Op('R')
            .Op('e').Op('e').Op('t').Op('R').Stop();
        using var file = Read(TorchBytes.Legacy(pickle, [("0", 6, Six)]));

        Assert.Equal([2f, 3f, 4f], Floats(file, "w"));
    }

    [Fact]
    public void Open_ProtocolFourPickle_IsRead()
    {
        var pickle = new PickleWriter(4).Raw(0x95).Raw(0, 0, 0, 0, 0, 0, 0, 0)
            .Raw(0x8C, 11).Raw("collections"u8).Raw(0x94).Raw(0x8C, 11).Raw("OrderedDict"u8).Raw(0x94).Raw(0x93).Raw(0x94)
            .Op(')').Op('R').Raw(0x94)
            .Text("w").Raw(0x94).Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();
        using var file = Read(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal(6, Floats(file, "w").Length);
    }

    [Fact]
    public void Open_ThousandsOfScalars_AreNotMistakenForABomb()
    {
        const int Count = 4000;
        var writer = new PickleWriter().OrderedDict().Op('(');
        for (var i = 0; i < Count; i++)
        {
            var key = i;
            writer.Text($"layer{i}.num_batches_tracked").Tensor(p => p.Storage("LongStorage", $"9{key:D8}", 1, legacy: true), 0, [], []).Put((uint)i);
        }

        using var file = Read(TorchBytes.Legacy(
            writer.Op('u').Stop(), [.. Enumerable.Range(0, Count).Select(i => ($"9{i:D8}", 1L, BitConverter.GetBytes((long)i)))]));

        Assert.Equal(Count, file.Entries.Count);
        Assert.Equal(BitConverter.GetBytes(3210L), file.LoadBytes("layer3210.num_batches_tracked"));
    }

    [Fact]
    public void Load_RecordWithoutChecksum_IsNotRefused()
    {
        var content = TorchBytes.Zip(TorchBytes.OneTensorPickle(6, 0, [6], [1]), ("0", Six));
        ZipPatch.SetChecksum(content, "archive/data/0", 0);
        using var file = Read(content);

        Assert.Equal(6, Floats(file, "w").Length);
    }

    private static WeightFile Read(byte[] content) => WeightFile.Read(new MemoryStream(content), "hand-written.pth");

    private static float[] Floats(WeightFile file, string name) => MemoryMarshal.Cast<byte, float>(file.LoadBytes(name)).ToArray();
}
