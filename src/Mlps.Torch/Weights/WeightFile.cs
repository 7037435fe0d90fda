using Mlps.Torch.Runtime;
using Mlps.Torch.Weights.Formats;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>A file of named tensors, opened without reading their values.</summary>
/// <remarks>
/// <para>
/// Opening reads names, shapes and element types; values are read one tensor at a time. The format is recognised by content.
/// <see cref="Entries"/> of a PyTorch file with several sets are those of the most usual name, or else the largest set; loading takes the set that fits the module best.
/// </para>
/// <para>
/// Nothing in a file is executed: unknown classes and functions of a pickle are only listed in <see cref="SkippedObjects"/>, and names that only an attack needs are refused.
/// Lengths are checked before memory is allocated; opening takes no more memory than the file's length and a few MiB.
/// </para>
/// </remarks>
public sealed class WeightFile : IDisposable
{
    private const int SignatureBytes = 16;
    private const long ChunkBytes = 64L << 20;

    private readonly ByteSource _source;
    private readonly Dictionary<string, StoredTensor> _tensors;

    private WeightFile(ByteSource source, ParsedWeights parsed)
    {
        _source = source;
        Format = parsed.Format;
        Metadata = parsed.Metadata;
        Groups = parsed.Groups;
        SkippedObjects = parsed.SkippedObjects;
        var tensors = parsed.Default.Tensors;
        Entries = Array.AsReadOnly(tensors.Select(tensor => tensor.Entry).ToArray());
        _tensors = new Dictionary<string, StoredTensor>(tensors.Count, StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!_tensors.TryAdd(tensor.Entry.Name, tensor))
            {
                throw source.Fail($"the tensor '{tensor.Entry.Name}' occurs twice; the file is damaged.");
            }
        }
    }

    /// <summary>Path of the file, or the name given to the stream.</summary>
    public string Name => _source.Name;

    /// <summary>The container that was recognised.</summary>
    public WeightFileFormat Format { get; }

    /// <summary>What the file holds beside tensors and plain data: each Python class or function, and where it lies.</summary>
    /// <remarks>None of it was executed.</remarks>
    public IReadOnlyList<string> SkippedObjects { get; }

    /// <summary>All sets of tensors that the file holds.</summary>
    internal IReadOnlyList<WeightGroup> Groups { get; }

    /// <summary>Every tensor of the file's main set, in the order of the file.</summary>
    public IReadOnlyList<WeightEntry> Entries { get; }

    /// <summary>
    /// The file's own text fields: safetensors' <c>__metadata__</c>, the numbers and strings beside a checkpoint's state dict
    /// (<c>epoch</c>, <c>best_pred</c>), or ONNX' <c>producer_name</c>, <c>ir_version</c> and <c>metadata_props</c>, written in the invariant culture.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a weight file of any supported format.</summary>
    /// <param name="path">
    /// A safetensors, <c>.pth</c>, <c>.pth.tar</c>, <c>.params</c> or <c>.onnx</c> file; the extension does not matter. A <c>~/</c> at the start is the user's home folder.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="WeightFileException">The path is a folder, or the file is damaged, hostile, or in a form that is not supported.</exception>
    public static WeightFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(ByteSource.Open(WeightPath.Resolve(path)));
    }

    /// <summary>Reads a weight file from where a stream stands to its end.</summary>
    /// <param name="stream">
    /// A seekable stream is used in place, so it must stay open and untouched until this object is disposed, and is not closed by it.
    /// Any other stream is copied to a temporary file that disposing deletes.
    /// </param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <exception cref="WeightFileException">The content is damaged, hostile, or in a form that is not supported.</exception>
    public static WeightFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Open(ByteSource.FromStream(stream, name));
    }

    /// <summary>True where the file has a tensor of that name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">A name from <see cref="Entries"/>.</param>
    /// <returns>A new dense CPU tensor of the entry's shape and element type, owned by the caller (or by the current dispose scope).</returns>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="WeightFileException">The values are damaged.</exception>
    public Tensor Load(string name) => Load(Find(name));

    /// <summary>Reads one tensor of any of the groups.</summary>
    internal Tensor Load(StoredTensor stored)
    {
        TensorBytes.VerifyRecord(_source, stored);
        using var state = ComputeScope.ForWeights();
        var tensor = empty(stored.Entry.Shape.ToArray(), dtype: stored.Entry.DType, device: CPU);
        try
        {
            Fill(stored, tensor);
            return state.Return(tensor);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor into an existing one, converting to its element type and device.</summary>
    /// <param name="name">A name from <see cref="Entries"/>.</param>
    /// <param name="destination">A tensor of the entry's shape; gradients are not tracked. It is unchanged where the values turn out damaged.</param>
    /// <exception cref="ArgumentException">The destination has another shape.</exception>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="WeightFileException">The values are damaged.</exception>
    public void Load(string name, Tensor destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var entry = Find(name).Entry;
        if (!destination.shape.AsSpan().SequenceEqual(entry.Shape.ToArray()))
        {
            throw new ArgumentException(
                $"The tensor '{name}' of '{Name}' has the shape {ElementTypes.FormatShape(entry.Shape)}, "
                + $"the destination {ElementTypes.FormatShape(destination.shape)}.",
                nameof(destination));
        }

        using var state = ComputeScope.ForWeights();
        using var values = Load(name);
        destination.copy_(values);
    }

    /// <summary>Reads every byte of one tensor and checks it, keeping nothing.</summary>
    internal void Verify(StoredTensor stored)
    {
        TensorBytes.VerifyRecord(_source, stored);
        if (stored.Entry.DType == ScalarType.Bool || stored.Fields is not null)
        {
            TensorBytes.Read(_source, stored, 0, new byte[stored.Entry.ByteCount]);
        }
    }

    /// <summary>Reads the values of one tensor as raw little-endian bytes, row-major, without libtorch.</summary>
    internal byte[] LoadBytes(string name)
    {
        var stored = Find(name);
        TensorBytes.VerifyRecord(_source, stored);
        var bytes = new byte[stored.Entry.ByteCount];
        TensorBytes.Read(_source, stored, 0, bytes);
        return bytes;
    }

    /// <summary>Closes the file; loaded tensors stay valid.</summary>
    public void Dispose() => _source.Dispose();

    private static WeightFile Open(ByteSource source)
    {
        try
        {
            return new WeightFile(source, Parse(source));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static ParsedWeights Parse(ByteSource source)
    {
        if (source.Length == 0)
        {
            throw source.Fail("is empty; copy or download it again.");
        }

        Span<byte> start = stackalloc byte[(int)Math.Min(source.Length, SignatureBytes)];
        source.Read(0, start);
        if (SafetensorsParser.Recognises(start))
        {
            return SafetensorsParser.Parse(source);
        }

        if (ZipDirectory.Recognises(start))
        {
            return TorchZipParser.Parse(source);
        }

        if (TorchLegacyParser.Recognises(start))
        {
            return TorchLegacyParser.Parse(source);
        }

        if (MxNetParamsParser.Recognises(start))
        {
            return MxNetParamsParser.Parse(source);
        }

        if (OnnxParser.Recognises(start))
        {
            return OnnxParser.Parse(source);
        }

        throw source.Fail(FileKinds.Describe(source));
    }

    private StoredTensor Find(string name) => _tensors.TryGetValue(name, out var stored)
        ? stored
        : throw new KeyNotFoundException($"Weight file '{Name}' has no tensor '{name}' among its {_tensors.Count}.");

    private void Fill(StoredTensor stored, Tensor tensor)
    {
        // A span holds at most 2 GiB, so larger tensors are filled in parts.
        if (stored.Entry.ByteCount == 0)
        {
            return;
        }

        if (stored.IsReadWhole)
        {
            TensorBytes.Read(_source, stored, 0, tensor.bytes);
            return;
        }

        using var flat = tensor.view(-1);
        var step = ChunkBytes / ElementTypes.SizeOf(stored.Entry.DType);
        for (long first = 0; first < stored.Entry.ElementCount; first += step)
        {
            using var part = flat.narrow(0, first, Math.Min(step, stored.Entry.ElementCount - first));
            TensorBytes.Read(_source, stored, first, part.bytes);
        }
    }
}
