using System.Buffers.Binary;
using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Values of a tensor that lie one by one in a field of an ONNX tensor's message, instead of as raw bytes.</summary>
/// <param name="Start">Where the message begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Field">Number of the field.</param>
internal sealed record FieldValues(long Start, long End, int Field)
{
    /// <summary>Decodes all values of a tensor into dense little-endian elements.</summary>
    public void Read(ByteSource source, WeightEntry entry, Span<byte> destination)
    {
        var size = ElementTypes.SizeOf(entry.DType);
        var reader = new ProtobufReader(source, Start, End);
        var at = 0;
        while (reader.Next(out var field, out var type))
        {
            if (field == Field && type == WireFormat.WireType.LengthDelimited)
            {
                var outer = reader.Enter();
                while (reader.Remaining > 0)
                {
                    ReadValue(source, reader, entry, Element(destination));
                }

                reader.Leave(outer);
            }
            else if (field == Field && type == WireTypeOf(Field))
            {
                ReadValue(source, reader, entry, Element(destination));
            }
            else
            {
                reader.Skip(type);
            }
        }

        if (at < destination.Length)
        {
            throw Changed();
        }

        Span<byte> Element(Span<byte> values)
        {
            if (at == values.Length)
            {
                throw Changed();
            }

            at += size;
            return values.Slice(at - size, size);
        }

        WeightFileException Changed() =>
            source.Fail($"the tensor '{entry.Name}' holds another number of values than when the file was opened; something has changed the file.");
    }

    /// <summary>Counts the values at which the reader stands, packed or a single one, and passes over them.</summary>
    /// <param name="reader">The reader, behind the field's number.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="type">Its wire type.</param>
    /// <param name="start">Where the first value lies.</param>
    public static long Count(ProtobufReader reader, int field, WireFormat.WireType type, out long start)
    {
        start = reader.Position;
        if (type != WireFormat.WireType.LengthDelimited)
        {
            reader.Skip(type);
            return type == WireTypeOf(field) ? 1 : 0;
        }

        var outer = reader.Enter();
        start = reader.Position;
        var count = 0L;
        for (; reader.Remaining > 0; count++)
        {
            reader.Skip(WireTypeOf(field));
        }

        reader.Leave(outer);
        return count;
    }

    /// <summary>Whether the values of a field have a fixed width, so that packed ones are raw bytes.</summary>
    public static bool IsFixedWidth(int field) => WireTypeOf(field) != WireFormat.WireType.Varint;

    private static WireFormat.WireType WireTypeOf(int field) => field switch
    {
        TensorProto.FloatDataFieldNumber => WireFormat.WireType.Fixed32,
        TensorProto.DoubleDataFieldNumber => WireFormat.WireType.Fixed64,
        _ => WireFormat.WireType.Varint,
    };

    private static void ReadValue(ByteSource source, ProtobufReader reader, WeightEntry entry, Span<byte> element)
    {
        switch (entry.DType)
        {
            case ScalarType.Float32 or ScalarType.Float64:
                reader.Read(element);
                break;
            case ScalarType.Int64:
                BinaryPrimitives.WriteUInt64LittleEndian(element, reader.ReadVarint());
                break;
            default:
                WriteInt32(source, entry, unchecked((int)reader.ReadVarint()), element);
                break;
        }
    }

    private static void WriteInt32(ByteSource source, WeightEntry entry, int value, Span<byte> element)
    {
        var (lowest, highest) = entry.DType switch
        {
            ScalarType.Int32 => (int.MinValue, int.MaxValue),
            ScalarType.Int16 => (short.MinValue, short.MaxValue),
            ScalarType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ScalarType.Float16 or ScalarType.BFloat16 => (0, ushort.MaxValue),
            _ => (0, byte.MaxValue),
        };
        if (value < lowest || value > highest)
        {
            throw source.Fail($"the tensor '{entry.Name}' of the type {entry.DType} holds the number {value}; expected {lowest} to {highest}. The file is damaged.");
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        bytes[..element.Length].CopyTo(element);
    }
}
