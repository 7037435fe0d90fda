using System.Buffers;
using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using Mlps.Torch;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Formats;

namespace Mlps.ML.Interop;

/// <summary>Looks at every part of a model file before ML.NET reads any: names, depth, lengths, checksums, and which components are to be made.</summary>
/// <remarks>
/// A model file is a zip archive. Nothing is written out here, and no more than a small part is held in memory. Each part is unpacked once, to compare its CRC-32 and its real length with the directory's;
/// ML.NET and .NET compare neither. The parts of this library's stages have SHA-256 sums as well, which <see cref="ModelReader"/> compares.
/// </remarks>
internal sealed class ModelArchive
{
    private const string Key = "Model.key";
    private const string StageFolder = "Transform_";

    private const long MaxDirectoryBytes = 16 << 20;
    private const int MaxEntries = 10_000;
    private const int MaxName = 512;
    private const int MaxDepth = 32;
    private const long MaxKeyBytes = 16 << 20;
    private const long MaxOtherBytes = 64 << 20;
    private const int MaxListed = 1000;
    private const int ChunkBytes = 1 << 16;

    /// <summary>Trained weights hardly shrink, and JSON to a third; what grows a hundredfold was made to fill disks.</summary>
    private const int MostGrowth = 100;

    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly ModelLoadOptions _options;

    private ModelArchive(ModelLoadOptions options) => _options = options;

    /// <summary>Checks the model file in a stream, which can seek and is left open; it stands at 0 afterwards.</summary>
    /// <exception cref="FormatException">The file is damaged, made to do harm, or holds components that are not allowed.</exception>
    public static void Check(Stream stream, ModelLoadOptions options)
    {
        stream.Position = 0;
        try
        {
            CheckDirectory(stream);
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var archive = new ModelArchive(options);
            archive.CheckEntries(zip.Entries, stream.Length);
            archive.CheckComponents();
            archive.CheckContents();
        }
        catch (WeightFileException exception)
        {
            throw new FormatException("its directory of parts is missing or damaged; the file was cut short or changed.", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new FormatException($"the zip archive is damaged: {exception.Message}", exception);
        }
        finally
        {
            stream.Position = 0;
        }
    }

    /// <summary>Looks at the directory's own size before it is read.</summary>
    private static void CheckDirectory(Stream stream)
    {
        using var source = ByteSource.FromStream(stream, "The model file");
        Span<byte> start = stackalloc byte[sizeof(uint)];
        if (source.Length < start.Length)
        {
            throw new FormatException("it is empty or cut short.");
        }

        source.Read(0, start);
        if (!ZipDirectory.Recognises(start))
        {
            throw new FormatException("it is no zip archive, as every ML.NET model is.");
        }

        var (_, length, count) = ZipDirectory.FindDirectory(source);
        if (length > MaxDirectoryBytes || count > MaxEntries)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its directory lists {count} parts in {length} bytes; at most {MaxEntries} in {MaxDirectoryBytes} are read."));
        }

        stream.Position = 0;
    }

    private void CheckEntries(ReadOnlyCollection<ZipArchiveEntry> entries, long fileLength)
    {
        if (entries.Count > MaxEntries)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it lists {entries.Count} parts; at most {MaxEntries} are read."));
        }

        long total = 0;
        foreach (var entry in entries)
        {
            var name = CheckedName(entry.FullName);
            if (name.EndsWith('/'))
            {
                if (entry.Length > 0)
                {
                    throw new FormatException($"the folder '{name}' has content.");
                }

                continue;
            }

            if (!_entries.TryAdd(name, entry))
            {
                throw new FormatException($"the part '{name}' is listed twice.");
            }

            var most = Path.GetFileName(name) is Key ? MaxKeyBytes : IsWeights(name) ? _options.MaximumBytes : MaxOtherBytes;
            total += entry.Length;
            RequireGrowth($"the part '{name}'", entry.CompressedLength, entry.Length);
            if (entry.Length > most && most < _options.MaximumBytes)
            {
                throw new FormatException(FormattableString.Invariant(
                    $"the part '{name}' has {entry.Length} bytes once unpacked; at most {most} are read of one that holds no weights of this library's stages. Where you trust the file, load it with ml.Model.Load."));
            }

            if (entry.Length > most || total > _options.MaximumBytes)
            {
                throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture, $"the part '{name}' has {entry.Length} bytes once unpacked; at most {most} are read of one like it, and {_options.MaximumBytes} in all ({nameof(ModelLoadOptions)}.{nameof(ModelLoadOptions.MaximumBytes)})."));
            }
        }

        RequireGrowth("the file", fileLength, total);
    }

    private static void RequireGrowth(string what, long packed, long unpacked)
    {
        if (unpacked > MaxOtherBytes && unpacked / MostGrowth > packed)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{what} unpacks from {packed} bytes to {unpacked}, more than {MostGrowth} times as many; no trained model does."));
        }
    }

    private static string CheckedName(string name)
    {
        if (name.Length is 0 or > MaxName)
        {
            throw new FormatException($"a part has a name of {name.Length.ToString(CultureInfo.InvariantCulture)} characters; it may have 1 to {MaxName.ToString(CultureInfo.InvariantCulture)}.");
        }

        // ML.NET once wrote the separators of Windows.
        var path = name.Replace('\\', '/');
        var folders = path.Split('/');
        if (folders.Length > MaxDepth)
        {
            throw new FormatException($"the part '{ShortText.Of(path)}' lies {folders.Length - 1} folders deep; at most {MaxDepth - 1} are read. Chains in chains that deep would overflow the stack.");
        }

        for (var i = 0; i < folders.Length; i++)
        {
            var isLast = i == folders.Length - 1;
            if (folders[i] is "." or ".." || (folders[i].Length == 0 && !(isLast && i > 0)) || folders[i].Any(letter => char.IsControl(letter) || letter is ':'))
            {
                throw new FormatException($"'{Printable(path)}' is no name of a part.");
            }
        }

        return path;
    }

    private static string Printable(string name) => string.Concat(ShortText.Of(name).Select(letter => char.IsControl(letter) ? '?' : letter));

    private void CheckComponents()
    {
        foreach (var (name, entry) in _entries.Where(entry => Path.GetFileName(entry.Key) is Key))
        {
            try
            {
                var component = ModelComponent.Parse(ReadAll(entry));
                component.RequireAllowed(_options.AdditionalComponents);
                var folder = name[..^Key.Length];
                if (component.IsOwn)
                {
                    CheckParts(folder, component.Content.Span);
                }
                else if (component.Signature is ModelComponent.Chain)
                {
                    CheckChain(folder, component.Content.Span);
                }
            }
            catch (FormatException exception)
            {
                throw new FormatException($"the part '{name}' is refused: {exception.Message}", exception);
            }
        }
    }

    /// <summary>A chain says how many stages it has; each must be there, before ML.NET makes room for them.</summary>
    private void CheckChain(string folder, ReadOnlySpan<byte> content)
    {
        var count = content.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(content) : -1;
        if (count < 0 || content.Length != sizeof(int) * (count + 1L))
        {
            throw new FormatException("the number of stages of its chain is damaged.");
        }

        for (var i = 0; i < count; i++)
        {
            var stage = string.Create(CultureInfo.InvariantCulture, $"{folder}{StageFolder}{i:000}/{Key}");
            if (!_entries.ContainsKey(stage))
            {
                throw new FormatException($"its chain has {count} stages, and '{stage}' is missing.");
            }
        }
    }

    /// <summary>One of this library's stages lists its parts with their lengths; they must agree with the directory, before anything is unpacked.</summary>
    private void CheckParts(string folder, ReadOnlySpan<byte> content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content.ToArray()));
            var count = reader.ReadInt32();
            if (count is < 0 or > MaxListed)
            {
                throw new FormatException("its list of parts is out of range.");
            }

            for (var i = 0; i < count; i++)
            {
                var (name, length, hash) = (reader.ReadString(), reader.ReadInt64(), reader.ReadBytes(SHA256.HashSizeInBytes));
                if (!_entries.TryGetValue(folder + name, out var part))
                {
                    throw new FormatException($"'{ShortText.Of(name)}' is missing.");
                }

                if (part.Length != length || hash.Length != SHA256.HashSizeInBytes)
                {
                    throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{name}' has {part.Length} bytes where {length} were written."));
                }
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or IOException)
        {
            throw new FormatException($"its list of parts cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Unpacks every part once, and keeps nothing.</summary>
    private void CheckContents()
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            foreach (var (name, entry) in _entries)
            {
                using var stream = entry.Open();
                var crc = new Crc32();
                long length = 0;
                while (stream.Read(chunk) is > 0 and var read)
                {
                    crc.Append(chunk.AsSpan(0, read));
                    length += read;
                    if (length > entry.Length)
                    {
                        break;
                    }
                }

                if (length != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
                {
                    throw new FormatException(length != entry.Length
                        ? $"the part '{name}' does not unpack to the {entry.Length} bytes that its directory names; the file is damaged."
                        : $"the checksum of the part '{name}' is wrong; the file is damaged.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>The whole of a small part; its length was checked.</summary>
    private static byte[] ReadAll(ZipArchiveEntry entry)
    {
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : throw new FormatException("it is cut short.");
    }

    private static bool IsWeights(string name) => name.EndsWith("/weights.safetensors", StringComparison.Ordinal);
}
