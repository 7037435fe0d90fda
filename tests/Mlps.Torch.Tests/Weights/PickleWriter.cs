using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Writes pickles opcode by opcode, honest ones and others.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public PickleWriter(byte protocol = 2) => Raw(0x80, protocol);

    public PickleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(char opcode) => Raw((byte)opcode);

    public PickleWriter Global(string module, string name) => Raw(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));

    public PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X').UInt32((uint)utf8.Length).Raw(utf8);
    }

    public PickleWriter Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[10];
        bytes[0] = 0x8A;
        bytes[1] = 8;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[2..], value);
        return Raw(bytes);
    }

    public PickleWriter Number(double value)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(bytes[1..], value);
        return Raw(bytes);
    }

    public PickleWriter True() => Raw(0x88);

    public PickleWriter False() => Raw(0x89);

    public PickleWriter None() => Op('N');

    public PickleWriter Put(uint index) => Op('r').UInt32(index);

    public PickleWriter Get(uint index) => Op('j').UInt32(index);

    public PickleWriter Tuple(params ReadOnlySpan<long> items)
    {
        Op('(');
        foreach (var item in items)
        {
            Integer(item);
        }

        return Op('t');
    }

    /// <summary>An empty OrderedDict, called into being as PyTorch does.</summary>
    public PickleWriter OrderedDict() => Global("collections", "OrderedDict").Op(')').Op('R');

    /// <summary>A persistent id and its resolution.</summary>
    public PickleWriter Storage(string storageClass, string key, long count, (string Key, long First, long Count)? view = null, bool legacy = false)
    {
        Op('(').Text("storage").Global("torch", storageClass).Text(key).Text("cpu").Integer(count);
        if (view is { } part)
        {
            Op('(').Text(part.Key).Integer(part.First).Integer(part.Count).Op('t');
        }
        else if (legacy)
        {
            None();
        }

        return Op('t').Op('Q');
    }

    /// <summary>A tensor over a storage that <paramref name="storage"/> pushes.</summary>
    public PickleWriter Tensor(Action<PickleWriter> storage, long first, long[] shape, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        storage(this);
        return Integer(first).Tuple(shape).Tuple(strides).False().OrderedDict().Op('t').Op('R');
    }

    public PickleWriter IntegerLine(long value) => Raw(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"I{value}\n")));

    public byte[] Stop() => Op('.')._bytes.ToArray();

    /// <summary>The bytes so far, without an end.</summary>
    public byte[] Unfinished() => _bytes.ToArray();

    public PickleWriter UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }
}
