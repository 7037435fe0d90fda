using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlps.Torch.Runtime;
using Mlps.Torch.Weights.Formats;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>Writes named tensors as a safetensors file, which PyTorch loads and which cannot hold code.</summary>
/// <remarks>
/// The same tensors and metadata always give the same bytes, whatever order they come in: tensors are laid out by element type, widest
/// first, then by name, as the format's own writer does. At most one tensor's values are copied at a time.
/// </remarks>
public static class SafetensorsWriter
{
    private const int HeaderAlignment = 8;
    private const long ChunkBytes = 16L << 20;

    /// <summary>Writes a file: to a temporary name in the same folder, renamed once it is complete.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names, as they are to stand in the file, with tensors on any device and of any layout.</param>
    /// <param name="metadata">Free-form text fields, or null.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved, or an element type does not exist in safetensors.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));
    }

    /// <summary>Writes to a stream from where it stands; the stream need not seek and is left open.</summary>
    /// <param name="stream">A writable stream.</param>
    /// <param name="tensors">Names, as they are to stand in the file, with tensors on any device and of any layout.</param>
    /// <param name="metadata">Free-form text fields, or null.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved, or an element type does not exist in safetensors.</exception>
    public static void Write(Stream stream, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = Order(tensors);
        WriteHeader(stream, [.. ordered.Select(item => new WeightEntry(item.Name, item.Tensor.shape, item.Tensor.dtype))], metadata);
        foreach ((_, var tensor) in ordered)
        {
            WriteValues(stream, tensor);
        }
    }

    /// <summary>Writes the length and the JSON of the header for tensors that follow in the given order.</summary>
    internal static void WriteHeader(Stream stream, IReadOnlyList<WeightEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            long begin = 0;
            foreach (var entry in entries)
            {
                begin = WriteEntry(json, entry, begin);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % HeaderAlignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        if (buffer.Length > SafetensorsParser.MaxHeaderBytes)
        {
            throw new ArgumentException(
                $"The names and metadata take {buffer.Length} bytes; a safetensors header holds at most {SafetensorsParser.MaxHeaderBytes}.",
                nameof(metadata));
        }

        Span<byte> length = stackalloc byte[SafetensorsParser.LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, buffer.Length);
        stream.Write(length);
        buffer.WriteTo(stream);
    }

    private static (string Name, Tensor Tensor)[] Order(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ordered = new List<(string Name, Tensor Tensor)>();
        foreach ((var name, var tensor) in tensors)
        {
            if (name == SafetensorsParser.MetadataKey || !names.Add(name))
            {
                throw new ArgumentException($"The tensor name '{name}' is reserved or given twice.", nameof(tensors));
            }

            if (!SafetensorsTypes.TryGetName(tensor.dtype, out _))
            {
                throw new ArgumentException(
                    $"The tensor '{name}' has the element type {tensor.dtype}, which safetensors lacks; convert it to one of {SafetensorsTypes.Names}.",
                    nameof(tensors));
            }

            ordered.Add((name, tensor));
        }

        return [.. ordered
            .OrderBy(item => SafetensorsTypes.LayoutOrder(item.Tensor.dtype))
            .ThenBy(item => item.Name, StringComparer.Ordinal)];
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is not { Count: > 0 })
        {
            return;
        }

        json.WriteStartObject(SafetensorsParser.MetadataKey);
        foreach ((var key, var value) in metadata.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static long WriteEntry(Utf8JsonWriter json, WeightEntry entry, long begin)
    {
        var end = checked(begin + entry.ByteCount);
        SafetensorsTypes.TryGetName(entry.DType, out var dtype);
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", dtype);
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteValues(Stream stream, Tensor tensor)
    {
        if (tensor.numel() == 0)
        {
            return;
        }

        using var state = ComputeScope.ForWeights();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        var count = flat.numel();
        var step = ChunkBytes / ElementTypes.SizeOf(tensor.dtype);
        for (long first = 0; first < count; first += step)
        {
            using var part = flat.narrow(0, first, Math.Min(step, count - first));
            stream.Write(part.bytes);
        }
    }
}
