using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Mlps.Torch.Serialization;

namespace Mlps.ML.Interop;

/// <summary>Writes the parts of a transformer into a model file, each a named stream with a checksum.</summary>
/// <remarks>The streams are files in a temporary folder until ML.NET packs them, so weights of any size pass without a copy in memory.</remarks>
internal sealed class ModelWriter
{
    private readonly ModelSaveContext _context;
    private readonly List<(string Name, long Length, byte[] Hash)> _parts = [];

    public ModelWriter(ModelSaveContext context, ModelFormat format)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckAtModel();
        context.SetVersionInfo(format.ToVersionInfo());
        _context = context;
    }

    /// <summary>Writes options or other small facts as JSON.</summary>
    public void WriteJson<T>(string name, T value) => WriteStream(name, stream => JsonSerializer.Serialize(stream, value, JsonContracts.Get<T>(ModelReader.Json)));

    /// <summary>Writes a stream of bytes.</summary>
    /// <param name="name">Name of the part, unique without regard to case.</param>
    /// <param name="write">Writes to the stream, which cannot seek, and leaves it open.</param>
    public void WriteStream(string name, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_parts.Any(part => string.Equals(part.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"The model already has a part '{name}'.", nameof(name));
        }

        _context.SaveBinaryStream(name, writer =>
        {
            using var sha = SHA256.Create();
            using (var hashed = new CryptoStream(writer.BaseStream, sha, CryptoStreamMode.Write, leaveOpen: true))
            {
                write(hashed);
            }

            _parts.Add((name, writer.BaseStream.Length, sha.Hash!));
        });
    }

    /// <summary>Writes the list of parts.</summary>
    /// <remarks>Nothing may be written afterwards.</remarks>
    public void Complete()
    {
        _context.Writer.Write(_parts.Count);
        foreach ((var name, var length, var hash) in _parts)
        {
            _context.Writer.Write(name);
            _context.Writer.Write(length);
            _context.Writer.Write(hash);
        }
    }
}
