using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the description of one initializer: a tensor's message in an ONNX model.</summary>
internal sealed class OnnxTensorParser(ByteSource source, ProtobufReader reader, ParseBudget budget)
{
    private const int EntryBytes = 256;

    // Fields of values that ONNX has beside raw_data, by their numbers.
    private const int MaxField = TensorProto.Uint64DataFieldNumber;

    private const long Scattered = -1;

    private readonly List<long> _sizes = [];
    private readonly long[] _counts = new long[MaxField + 1];
    private string _name = string.Empty;
    private string _location = string.Empty;
    private long _type;
    private long _packedStart;
    private bool _isExternal;
    private bool _isSegment;
    private (long Start, long Length) _raw;

    /// <summary>Reads the message at which the reader stands.</summary>
    /// <param name="index">Number of the initializer, for errors.</param>
    /// <returns>The tensor; or its name and why it cannot be read.</returns>
    public (StoredTensor? Tensor, UnreadableWeight Unreadable) Parse(int index)
    {
        Clear();
        budget.Charge(EntryBytes, reader.Position);
        var outer = reader.Enter();
        var start = reader.Position;
        while (reader.Next(out var field, out var type))
        {
            ParseField(field, type, index);
        }

        var end = reader.Position;
        reader.Leave(outer);
        if (_name.Length == 0)
        {
            throw source.Fail($"initializer {index} before offset {end} of the ONNX model has no name; the file is damaged.");
        }

        if (_isExternal)
        {
            throw source.Fail(
                $"keeps the values of the tensor '{_name}' in another file{(_location.Length > 0 ? $", '{_location}'" : string.Empty)}. "
                + "Save the model in one file in Python: onnx.save(onnx.load('model.onnx'), 'one-file.onnx').");
        }

        return Problem() is { } problem
            ? (null, new UnreadableWeight(_name, problem, IsTensor: true))
            : (Locate(start, end), default);
    }

    private void Clear()
    {
        _sizes.Clear();
        Array.Clear(_counts);
        (_name, _location, _type, _packedStart, _isExternal, _isSegment, _raw) = (string.Empty, string.Empty, 0, Scattered, false, false, default);
    }

    private void ParseField(int field, WireFormat.WireType type, int index)
    {
        switch (field, type)
        {
            case (TensorProto.DimsFieldNumber, WireFormat.WireType.Varint):
                AddSize();
                break;
            case (TensorProto.DimsFieldNumber, WireFormat.WireType.LengthDelimited):
                var outer = reader.Enter();
                while (reader.Remaining > 0)
                {
                    AddSize();
                }

                reader.Leave(outer);
                break;
            case (TensorProto.DataTypeFieldNumber, WireFormat.WireType.Varint):
                _type = unchecked((int)reader.ReadVarint());
                break;
            case (TensorProto.NameFieldNumber, WireFormat.WireType.LengthDelimited):
                _name = reader.ReadText(StoredTensor.MaxNameLength, budget)
                    ?? throw source.Fail($"initializer {index} before offset {reader.Position} of the ONNX model has a name of more than {StoredTensor.MaxNameLength} bytes; the file is damaged.");
                break;
            case (TensorProto.RawDataFieldNumber, WireFormat.WireType.LengthDelimited):
                _raw = reader.SkipRange();
                break;
            case (TensorProto.SegmentFieldNumber, WireFormat.WireType.LengthDelimited):
                _isSegment = true;
                reader.Skip(type);
                break;
            case (TensorProto.StringDataFieldNumber, WireFormat.WireType.LengthDelimited):
                _counts[field]++;
                reader.Skip(type);
                break;
            case (TensorProto.FloatDataFieldNumber or TensorProto.Int32DataFieldNumber or TensorProto.Int64DataFieldNumber
                or TensorProto.DoubleDataFieldNumber or TensorProto.Uint64DataFieldNumber, _):
                CountValues(field, type);
                break;
            case (TensorProto.ExternalDataFieldNumber, WireFormat.WireType.LengthDelimited):
                var (key, value) = OnnxText.ReadEntry(reader, budget);
                _location = key == "location" ? value : _location;
                break;
            case (TensorProto.DataLocationFieldNumber, WireFormat.WireType.Varint):
                _isExternal = reader.ReadVarint() == (ulong)TensorProto.Types.DataLocation.External;
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void AddSize()
    {
        if (_sizes.Count == ElementTypes.MaxDimensions)
        {
            throw source.Fail($"a tensor before offset {reader.Position} of the ONNX model has more than {ElementTypes.MaxDimensions} dimensions; the file is damaged.");
        }

        _sizes.Add(unchecked((long)reader.ReadVarint()));
    }

    private void CountValues(int field, WireFormat.WireType type)
    {
        var count = FieldValues.Count(reader, field, type, out var start);
        _packedStart = _counts[field] == 0 && type == WireFormat.WireType.LengthDelimited ? start : Scattered;
        _counts[field] += count;
    }

    /// <summary>Why a sound tensor cannot be read, or null.</summary>
    private string? Problem()
    {
        if (_type <= 0)
        {
            throw source.Fail($"the tensor '{_name}' has the element type {_type}, which is none of ONNX'; the file is damaged.");
        }

        return !OnnxTypes.TryFind(_type, out _, out _, out _)
                ? $"has the element type {OnnxTypes.Name(_type)}, which cannot be read; convert it to FLOAT before exporting the model"
            : _isSegment ? "is stored in segments; load the model with the onnx package of Python and save it again"
            : null;
    }

    private StoredTensor Locate(long start, long end)
    {
        OnnxTypes.TryFind(_type, out var type, out var field, out var fieldName);
        if (_sizes.Exists(size => size < 0))
        {
            throw source.Fail($"the tensor '{_name}' has the shape {ElementTypes.FormatShape(_sizes)}; the file is damaged.");
        }

        WeightEntry entry;
        long bytes;
        try
        {
            entry = new WeightEntry(_name, [.. _sizes], type);
            bytes = checked(entry.ElementCount * ElementTypes.SizeOf(type));
        }
        catch (OverflowException e)
        {
            throw source.Fail($"the tensor '{_name}' has the shape {ElementTypes.FormatShape(_sizes)}, larger than any file; the file is damaged.", e);
        }

        var others = _counts.Sum() - _counts[field];
        if (others > 0 || (_raw.Length > 0 && _counts[field] > 0))
        {
            throw source.Fail($"the tensor '{entry}' has values in several fields; expected them in raw_data or in {fieldName} alone. The file is damaged.");
        }

        if (_counts[field] == 0 && _raw.Length == bytes)
        {
            return new StoredTensor(entry, _raw.Start);
        }

        if (_raw.Length > 0 || _counts[field] != entry.ElementCount)
        {
            throw source.Fail(_raw.Length > 0
                ? $"the tensor '{entry}' takes {bytes} bytes, but its raw_data has {_raw.Length}; the file is damaged."
                : $"the tensor '{entry}' has {entry.ElementCount} values, but its raw_data is empty and its {fieldName} has {_counts[field]}; the file is damaged.");
        }

        // Packed numbers of a fixed width are raw bytes.
        if (FieldValues.IsFixedWidth(field) && _packedStart != Scattered)
        {
            return new StoredTensor(entry, _packedStart);
        }

        return bytes <= int.MaxValue
            ? new StoredTensor(entry, start, Fields: new FieldValues(start, end, field))
            : throw source.Fail($"the tensor '{entry}' has {bytes} bytes that lie one by one in {fieldName}; at most {int.MaxValue} can be read so. Save it with raw_data.");
    }
}
