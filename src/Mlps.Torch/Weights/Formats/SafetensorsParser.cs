using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the header of a safetensors file: eight bytes of length, JSON, then the tensors without gaps.</summary>
internal static class SafetensorsParser
{
    public const int LengthBytes = sizeof(ulong);

    /// <summary>The one key of the header that is not a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>The format's own limit on the length of the JSON header.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    private const int MaxJsonDepth = 4;
    private const int MaxTypeLength = 32;

    /// <summary>True where the file starts with a plausible header length and a JSON object.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) =>
        start.Length > LengthBytes
        && BinaryPrimitives.ReadUInt64LittleEndian(start) <= MaxHeaderBytes
        && start[LengthBytes] == (byte)'{';

    public static ParsedWeights Parse(ByteSource source)
    {
        var budget = new ParseBudget(source);
        var reader = new ByteReader(source, 0, source.Length);
        var header = reader.ReadArray(reader.ReadUInt64(), budget);
        var tensors = new List<StoredTensor>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            ParseHeader(source, header, budget, tensors, metadata);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw source.Fail($"its safetensors header of {header.Length} bytes is not the JSON that the format asks for; the file is damaged.", e);
        }

        RequireGapless(source, LengthBytes + header.Length, tensors);
        return ParsedWeights.FromOneGroup(WeightFileFormat.Safetensors, tensors, metadata);
    }

    private static void ParseHeader(
        ByteSource source, byte[] header, ParseBudget budget, List<StoredTensor> tensors, Dictionary<string, string> metadata)
    {
        var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        Expect(ref json, JsonTokenType.StartObject);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var hasMetadata = false;
        while (ReadNext(ref json) == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals(MetadataKey))
            {
                if (hasMetadata)
                {
                    throw Twice(source, MetadataKey);
                }

                hasMetadata = true;
                ParseMetadata(source, ref json, budget, metadata);
                continue;
            }

            var name = ReadText(ref json, budget);
            if (name.Length > StoredTensor.MaxNameLength)
            {
                throw source.Fail($"has a tensor name of {name.Length} characters; expected at most {StoredTensor.MaxNameLength}. The file is damaged.");
            }

            if (!names.Add(name))
            {
                throw source.Fail($"the tensor '{name}' is listed twice in its header; the file is damaged.");
            }

            tensors.Add(ParseTensor(source, ref json, name, LengthBytes + header.Length, budget));
        }

        // Spaces may pad the object; the reader refuses anything else after it.
        if (json.Read())
        {
            throw new JsonException();
        }
    }

    private static void ParseMetadata(ByteSource source, ref Utf8JsonReader json, ParseBudget budget, Dictionary<string, string> metadata)
    {
        Expect(ref json, JsonTokenType.StartObject);
        while (ReadNext(ref json) == JsonTokenType.PropertyName)
        {
            var key = ReadText(ref json, budget);
            Expect(ref json, JsonTokenType.String);
            if (!metadata.TryAdd(key, ReadText(ref json, budget)))
            {
                throw Twice(source, key);
            }
        }
    }

    private static StoredTensor ParseTensor(ByteSource source, ref Utf8JsonReader json, string name, long dataStart, ParseBudget budget)
    {
        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref json, JsonTokenType.StartObject);
        while (ReadNext(ref json) == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("dtype"))
            {
                RequireFirst(source, dtype, name, "dtype");
                Expect(ref json, JsonTokenType.String);
                dtype = ReadText(ref json, budget);
            }
            else if (json.ValueTextEquals("shape"))
            {
                RequireFirst(source, shape, name, "shape");
                shape = ParseSizes(source, ref json, name);
            }
            else if (json.ValueTextEquals("data_offsets"))
            {
                RequireFirst(source, offsets, name, "data_offsets");
                offsets = ParseSizes(source, ref json, name);
            }
            else
            {
                throw source.Fail($"the tensor '{name}' has a field other than dtype, shape and data_offsets; the file is damaged.");
            }
        }

        if (dtype is null || shape is null || offsets is not { Length: 2 })
        {
            throw source.Fail($"the tensor '{name}' lacks a dtype, a shape, or a pair of data_offsets in its header; the file is damaged.");
        }

        budget.Charge(128 + (sizeof(long) * shape.Length), json.TokenStartIndex);
        if (!SafetensorsTypes.TryParse(dtype, out var type))
        {
            var found = dtype.Length <= MaxTypeLength ? dtype : $"of {dtype.Length} letters";
            throw source.Fail($"the tensor '{name}' has the element type {found}; expected one of {SafetensorsTypes.Names}. Convert it before saving.");
        }

        return Locate(source, name, shape, type, offsets[0], offsets[1], dataStart);
    }

    private static void RequireFirst(ByteSource source, object? before, string name, string field)
    {
        if (before is not null)
        {
            throw source.Fail($"the tensor '{name}' has its {field} twice in its header; the file is damaged.");
        }
    }

    private static WeightFileException Twice(ByteSource source, string key) => source.Fail($"has '{ShortText.Of(key)}' twice in its header; the file is damaged.");

    private static StoredTensor Locate(
        ByteSource source, string name, long[] shape, ScalarType type, long begin, long end, long dataStart)
    {
        long expected;
        try
        {
            expected = checked(ElementTypes.CountElements(shape) * ElementTypes.SizeOf(type));
        }
        catch (OverflowException e)
        {
            throw source.Fail($"the tensor '{name}' has the shape {ElementTypes.FormatShape(shape)}, larger than any file; the file is damaged.", e);
        }

        if (end > source.Length - dataStart)
        {
            throw source.Fail(
                $"the tensor '{name}' should end {end} bytes into the data, but only {source.Length - dataStart} bytes of data are there; "
                + "the file is truncated or damaged.");
        }

        if (begin > end || end - begin != expected)
        {
            throw source.Fail(
                $"the tensor '{name}' {ElementTypes.FormatShape(shape)} {type} takes {expected} bytes, but its data_offsets are [{begin}, {end}]; "
                + "the file is damaged.");
        }

        return new StoredTensor(new WeightEntry(name, shape, type), dataStart + begin);
    }

    private static long[] ParseSizes(ByteSource source, ref Utf8JsonReader json, string name)
    {
        Expect(ref json, JsonTokenType.StartArray);
        Span<long> sizes = stackalloc long[ElementTypes.MaxDimensions];
        var count = 0;
        while (ReadNext(ref json) == JsonTokenType.Number)
        {
            if (count == sizes.Length)
            {
                throw source.Fail($"the tensor '{name}' has more than {sizes.Length} dimensions; the file is damaged.");
            }

            if (!json.TryGetInt64(out sizes[count]) || sizes[count] < 0)
            {
                throw source.Fail($"the tensor '{name}' has a size or an offset that is not an integer from 0 to 2^63 - 1; the file is damaged.");
            }

            count++;
        }

        if (json.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException();
        }

        return sizes[..count].ToArray();
    }

    private static void RequireGapless(ByteSource source, long dataStart, List<StoredTensor> tensors)
    {
        var next = dataStart;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Entry.ByteCount))
        {
            if (tensor.Offset != next)
            {
                throw source.Fail(
                    $"the tensor '{tensor.Entry.Name}' starts at offset {tensor.Offset} where {next} was expected: its data overlaps another tensor's "
                    + "or leaves a gap, which the format forbids; the file is damaged.");
            }

            next += tensor.Entry.ByteCount;
        }

        if (next != source.Length)
        {
            throw source.Fail($"{source.Length - next} bytes after offset {next} belong to no tensor, which the format forbids; the file is damaged.");
        }
    }

    /// <summary>Reads the text of a token, charged before it is allocated: no text is longer than its JSON.</summary>
    private static string ReadText(ref Utf8JsonReader json, ParseBudget budget)
    {
        budget.ChargeText(json.ValueSpan.Length, json.TokenStartIndex);
        return json.GetString()!;
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (ReadNext(ref json) != type)
        {
            throw new JsonException();
        }
    }

    private static JsonTokenType ReadNext(ref Utf8JsonReader json) => json.Read() ? json.TokenType : throw new JsonException();
}
