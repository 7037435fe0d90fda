using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Small ONNX models, written by the generated classes.</summary>
internal static class OnnxBytes
{
    public static byte[] Model(params IEnumerable<TensorProto> initializers) => Graph([], initializers).ToByteArray();

    public static ModelProto Graph(IEnumerable<NodeProto> nodes, IEnumerable<TensorProto> initializers)
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "mlps tests", ProducerVersion = "1.0", Graph = new GraphProto { Name = "network" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "classes", Value = "TE,NEC" });
        model.Graph.Node.AddRange(nodes);
        model.Graph.Initializer.AddRange(initializers);
        return model;
    }

    public static TensorProto Raw(string name, long[] sizes, DataType type, byte[] values) =>
        new() { Name = name, DataType = (int)type, Dims = { sizes }, RawData = ByteString.CopyFrom(values) };

    public static TensorProto Raw(string name, long[] sizes, params float[] values) => Raw(name, sizes, DataType.Float, TorchBytes.Floats(values));

    public static TensorProto Floats(string name, long[] sizes, params float[] values) =>
        new() { Name = name, DataType = (int)DataType.Float, Dims = { sizes }, FloatData = { values } };

    public static TensorProto Integers(string name, long[] sizes, DataType type, params int[] values) =>
        new() { Name = name, DataType = (int)type, Dims = { sizes }, Int32Data = { values } };

    public static NodeProto Node(string type, string output, params string[] inputs) => new() { OpType = type, Name = $"{type} {output}", Input = { inputs }, Output = { output } };

    /// <summary>The weights of <see cref="SpelledNet"/>, all of one value: half of them as raw bytes, half number by number.</summary>
    public static byte[] Spelled(float value, string? without = null, params IEnumerable<TensorProto> more)
    {
        (string Name, long[] Sizes)[] tensors = [("conv.weight", [2, 3, 1, 1]), ("bn.weight", [2]), ("bn.bias", [2]), ("bn.running_mean", [2]), ("bn.running_var", [2]), ("fc8.weight", [4, 2, 1, 1])];
        return Model(
        [
            .. tensors.Where(tensor => tensor.Name != without).Select((tensor, i) =>
            {
                float[] values = [.. Enumerable.Repeat(value, (int)tensor.Sizes.Aggregate(1L, (product, size) => product * size))];
                return i % 2 == 0 ? Raw(tensor.Name, tensor.Sizes, values) : Floats(tensor.Name, tensor.Sizes, values);
            }),
            .. more,
        ]);
    }

    /// <summary>Every way in which values can be stored, and a network that is recognised by its graph.</summary>
    public static IEnumerable<(string Name, byte[] Content)> Seeds()
    {
        yield return ("ONNX, raw and by fields", Spelled(3));
        yield return ("ONNX, integers", Model(
            Integers("i8", [3], DataType.Int8, -128, 0, 127),
            Integers("half", [2], DataType.Float16, 0x3C00, 0xFC00),
            Integers("flag", [2], DataType.Bool, 0, 1),
            new TensorProto { Name = "i64", DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { long.MinValue, 300 } },
            new TensorProto { Name = "f64", DataType = (int)DataType.Double, DoubleData = { 0.5 } },
            new TensorProto { Name = "text", DataType = (int)DataType.String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("TE") } }));
        yield return ("ONNX, a ResNet", OnnxResNetBytes.Create(channels: 1).ToByteArray());
    }
}
