using System.Buffers.Binary;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads an MXNet <c>.params</c> file: a list of NDArrays, then a list of their names.</summary>
/// <remarks>
/// Four headers exist. Before V1: the shape's length and 32-bit sizes. V1 (0xF993FAC8): 64-bit sizes. V2 (0xF993FAC9): a storage type
/// first. V3 (0xF993FACA): as V2, with numpy's shapes, in which no dimensions mean a scalar and -1 an unknown. All numbers are little-endian.
/// </remarks>
internal static class MxNetParamsParser
{
    private const ulong ListMagic = 0x112;
    private const uint V1 = 0xF993FAC8;
    private const uint V2 = 0xF993FAC9;
    private const uint V3 = 0xF993FACA;
    private const int DenseStorage = 0;
    private const int EntryBytes = 192;

    public static bool Recognises(ReadOnlySpan<byte> start) =>
        start.Length >= sizeof(ulong) && BinaryPrimitives.ReadUInt64LittleEndian(start) == ListMagic;

    public static ParsedWeights Parse(ByteSource source)
    {
        var budget = new ParseBudget(source);
        var reader = new ByteReader(source, 0, source.Length);
        reader.Skip(2 * sizeof(ulong));

        // No array takes fewer bytes than its magic, no name fewer than its length.
        var count = ReadCount(source, reader, sizeof(uint), "arrays");
        var arrays = new List<(long[] Shape, ScalarType Type, long Offset)?>();
        for (var i = 0; i < count; i++)
        {
            budget.Charge(EntryBytes, reader.Position);
            arrays.Add(ReadArray(source, reader, i));
        }

        var names = ReadCount(source, reader, sizeof(ulong), "names");
        if (names != count)
        {
            throw source.Fail($"has {count} arrays, but {names} names; expected a name for each. Save it with mx.nd.save and a dictionary.");
        }

        var tensors = new List<StoredTensor>();
        foreach (var array in arrays)
        {
            var name = ReadName(source, reader, budget);
            if (array is { } values)
            {
                tensors.Add(new StoredTensor(new WeightEntry(name, values.Shape, values.Type), values.Offset));
            }
        }

        if (reader.Remaining != 0)
        {
            throw source.Fail($"{reader.Remaining} bytes follow the last name at offset {reader.Position}; the file is damaged.");
        }

        return ParsedWeights.FromOneGroup(WeightFileFormat.MxNetParams, tensors, new Dictionary<string, string>());
    }

    private static int ReadCount(ByteSource source, ByteReader reader, int minimumBytes, string what)
    {
        var count = reader.ReadUInt64();
        return count <= (ulong)(reader.Remaining / minimumBytes) && count <= int.MaxValue
            ? (int)count
            : throw source.Fail($"should hold {count} {what} in the {reader.Remaining} bytes after offset {reader.Position}; it is truncated or damaged.");
    }

    private static string ReadName(ByteSource source, ByteReader reader, ParseBudget budget)
    {
        var length = reader.ReadUInt64();
        return length <= StoredTensor.MaxNameLength
            ? reader.ReadText(length, budget)
            : throw source.Fail($"has a name of {length} bytes at offset {reader.Position}; expected at most {StoredTensor.MaxNameLength}. The file is damaged.");
    }

    /// <summary>Reads one header and passes over its values; null for an array that was never given any.</summary>
    private static (long[] Shape, ScalarType Type, long Offset)? ReadArray(ByteSource source, ByteReader reader, int index)
    {
        var start = reader.Position;
        var magic = reader.ReadUInt32();
        if (magic is V2 or V3)
        {
            var storage = reader.ReadInt32();
            if (storage != DenseStorage)
            {
                throw source.Fail($"array {index} at offset {start} has the storage type {storage}; only dense arrays (0) can be read. Convert it with tostype('default').");
            }
        }

        var shape = magic switch
        {
            V3 => ReadShape(source, reader, reader.ReadInt32(), wide: true, numpy: true, index),
            V1 or V2 => ReadShape(source, reader, reader.ReadInt32(), wide: true, numpy: false, index),
            _ => ReadShape(source, reader, unchecked((int)magic), wide: false, numpy: false, index),
        };
        if (shape is null)
        {
            return null;
        }

        // The device that the array was on, as two integers.
        reader.Skip(2 * sizeof(int));
        var type = ToScalarType(source, reader.ReadInt32(), index, start);
        var offset = reader.Position;
        try
        {
            reader.Skip(checked(ElementTypes.CountElements(shape) * ElementTypes.SizeOf(type)));
        }
        catch (OverflowException e)
        {
            throw source.Fail($"array {index} at offset {start} has the shape {ElementTypes.FormatShape(shape)}, larger than any file; the file is damaged.", e);
        }

        return (shape, type, offset);
    }

    private static long[]? ReadShape(ByteSource source, ByteReader reader, int dimensions, bool wide, bool numpy, int index)
    {
        if (dimensions == (numpy ? -1 : 0))
        {
            return null;
        }

        if (dimensions is < 0 or > ElementTypes.MaxDimensions)
        {
            throw source.Fail(
                $"array {index} has {dimensions} dimensions or an unknown header before offset {reader.Position}; "
                + $"expected at most {ElementTypes.MaxDimensions}. The file is damaged.");
        }

        var shape = new long[dimensions];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = wide ? reader.ReadInt64() : reader.ReadUInt32();
        }

        if (numpy && shape.Contains(-1))
        {
            return null;
        }

        return shape.All(size => size >= 0)
            ? shape
            : throw source.Fail($"array {index} has the shape {ElementTypes.FormatShape(shape)} before offset {reader.Position}; the file is damaged.");
    }

    private static ScalarType ToScalarType(ByteSource source, int flag, int index, long start) => flag switch
    {
        0 => ScalarType.Float32,
        1 => ScalarType.Float64,
        2 => ScalarType.Float16,
        3 => ScalarType.Byte,
        4 => ScalarType.Int32,
        5 => ScalarType.Int8,
        6 => ScalarType.Int64,
        7 => ScalarType.Bool,
        8 => ScalarType.Int16,
        12 => ScalarType.BFloat16,
        _ => throw source.Fail($"array {index} at offset {start} has the element type {flag}, which MXNet gives to no type that can be read here."),
    };
}
