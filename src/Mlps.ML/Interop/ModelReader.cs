using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.Torch;
using Mlps.Torch.Serialization;

namespace Mlps.ML.Interop;

/// <summary>Reads the parts that a <see cref="ModelWriter"/> wrote, after checking version, length and checksum.</summary>
/// <remarks>
/// Every failure is a <see cref="FormatException"/> that names the part. ML.NET calls loaders through reflection and wraps what they
/// throw; <see cref="Exception.GetBaseException"/> of what <c>ml.Model.Load</c> throws is that exception.
/// </remarks>
internal sealed class ModelReader
{
    /// <summary>How options are written: readable, enumerations by name, unknown properties refused.</summary>
    public static readonly JsonSerializerOptions Json = JsonContracts.Complete(
        new()
        {
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        },
        enumNames: true);

    private const int MaxParts = 1000;
    private const long MaxJsonBytes = 16 << 20;

    private readonly IHostEnvironment _environment;
    private readonly ModelLoadContext _context;
    private readonly ModelFormat _format;
    private readonly Dictionary<string, (long Length, byte[] Hash)> _parts = new(StringComparer.Ordinal);

    /// <summary>Checks the header and reads the list of parts.</summary>
    /// <exception cref="FormatException">The file is damaged, or of a layout that this release cannot read.</exception>
    public ModelReader(IHostEnvironment environment, ModelLoadContext context, ModelFormat format)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(context);
        _environment = environment;
        _context = context;
        _format = format;
        if (format.WhyUnreadable(in context.Header) is { } reason)
        {
            throw environment.ExceptDecode("The model cannot be loaded: " + reason);
        }

        Version = (int)context.Header.ModelVerWritten;
        try
        {
            var count = context.Reader.ReadInt32();
            for (var part = 0; part < (count is >= 0 and <= MaxParts ? count : throw Damaged("its list of parts is out of range")); part++)
            {
                _parts.Add(context.Reader.ReadString(), (context.Reader.ReadInt64(), context.Reader.ReadBytes(SHA256.HashSizeInBytes)));
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or IOException)
        {
            throw Damaged("its list of parts cannot be read: " + exception.Message);
        }
    }

    /// <summary>Layout that the file was written in.</summary>
    public int Version { get; }

    /// <summary>Whether the model has such a part.</summary>
    public bool Contains(string name) => _parts.ContainsKey(name);

    /// <summary>Reads what <see cref="ModelWriter.WriteJson"/> wrote.</summary>
    /// <param name="name">Name of the part.</param>
    /// <param name="upgrade">Turns what an older layout wrote into what this one reads; null where nothing changed.</param>
    public T ReadJson<T>(string name, Action<JsonObject>? upgrade = null)
        where T : ISavedOptions => ReadStream(name, stream =>
    {
        if (stream.Length > MaxJsonBytes)
        {
            throw Damaged(string.Create(CultureInfo.InvariantCulture, $"'{name}' has {stream.Length} bytes where {MaxJsonBytes} are the most"));
        }

        try
        {
            var options = Parse<T>(stream, upgrade);
            options.Check();
            return options;
        }
        catch (JsonException exception)
        {
            throw Damaged($"'{name}' does not hold {typeof(T).Name}: {ShortText.OfMessage(exception.Message)}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw Damaged($"'{name}' holds a value that no {typeof(T).Name} has: {ShortText.OfMessage(exception.Message)}");
        }
    });

    private static T Parse<T>(Stream stream, Action<JsonObject>? upgrade)
    {
        if (upgrade is null)
        {
            return JsonSerializer.Deserialize(stream, JsonContracts.Get<T>(Json)) ?? throw new JsonException("it is null.");
        }

        var node = JsonNode.Parse(stream, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) ?? throw new JsonException("it is null.");
        var content = node as JsonObject ?? throw new JsonException("it is no object.");
        upgrade(content);
        return content.Deserialize(JsonContracts.Get<T>(Json)) ?? throw new JsonException("it is null.");
    }

    /// <summary>Reads a part.</summary>
    /// <param name="name">Name of the part.</param>
    /// <param name="read">Reads from a seekable file stream that stands at 0 and is closed afterwards.</param>
    public T ReadStream<T>(string name, Func<Stream, T> read)
    {
        T? result = default;
        if (_parts.TryGetValue(name, out var listed) && DeclaredLength(name) is { } declared && declared != listed.Length)
        {
            // Before ML.NET writes the part to a temporary file, however long it is.
            throw WrongLength(name, declared, listed.Length);
        }

        if (!_parts.TryGetValue(name, out var expected) || !_context.TryLoadBinaryStream(name, reader =>
        {
            var stream = reader.BaseStream;
            if (stream.Length != expected.Length)
            {
                throw WrongLength(name, stream.Length, expected.Length);
            }

            if (!SHA256.HashData(stream).AsSpan().SequenceEqual(expected.Hash))
            {
                throw Damaged($"the checksum of '{name}' is wrong");
            }

            stream.Position = 0;
            result = read(stream);
        }))
        {
            throw Damaged($"'{name}' is missing");
        }

        return result!;
    }

    private long? DeclaredLength(string name) =>
        _context.Repository?._entries.GetValueOrDefault(Path.Combine(_context.Directory ?? string.Empty, name).Replace('\\', '/'))?.Length;

    private Exception WrongLength(string name, long found, long written) =>
        Damaged(string.Create(CultureInfo.InvariantCulture, $"'{name}' has {found} bytes where {written} were written"));

    private Exception Damaged(string what) =>
        _environment.ExceptDecode($"The model is damaged: in the part for {_format.LoaderSignature}, {what.TrimEnd('.')}.");
}
