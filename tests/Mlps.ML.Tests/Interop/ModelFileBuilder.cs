using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Mlps.Testing;

namespace Mlps.ML.Tests.Interop;

/// <summary>Model files made of the parts of a sound one, as somebody who means harm would make them.</summary>
internal sealed class ModelFileBuilder
{
    public const string ChainKey = "TransformerChain/Model.key";
    public const string Classifier = "TransformerChain/Transform_000/";
    public const string PseudoMasks = "TransformerChain/Transform_001/";
    public const string Segmenter = "TransformerChain/Transform_002/";

    private const int HashedLength = sizeof(long) + SHA256.HashSizeInBytes;

    private readonly List<(string Name, byte[] Content)> _parts = [];

    public ModelFileBuilder()
        : this(Sound)
    {
    }

    /// <param name="path">The sound model.</param>
    public ModelFileBuilder(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            _parts.Add((entry.FullName, content.ToArray()));
        }
    }

    /// <summary>The same parts as another has.</summary>
    public ModelFileBuilder(ModelFileBuilder other) => _parts.AddRange(other._parts.Select(part => (part.Name, part.Content.ToArray())));

    /// <summary>A model that release 0.1 saved.</summary>
    public static string Sound { get; } = Path.Combine(RepositoryFolder.Root, "tests", "Mlps.ML.Tests", "Fixtures", "Models", "0.1.zip");

    public IEnumerable<string> Names => _parts.Select(part => part.Name);

    public byte[] this[string name]
    {
        get => _parts.Single(part => part.Name == name).Content;
        set => _parts[_parts.FindIndex(part => part.Name == name)] = (name, value);
    }

    public ModelFileBuilder Add(string name, byte[] content)
    {
        _parts.Add((name, content));
        return this;
    }

    public ModelFileBuilder Remove(string name)
    {
        _parts.RemoveAll(part => part.Name == name);
        return this;
    }

    /// <summary>Changes a part and the length and sum in its stage's list.</summary>
    public ModelFileBuilder Edit(string folder, string part, Func<byte[], byte[]> edit)
    {
        var content = edit(this[folder + part]);
        this[folder + part] = content;
        var key = this[folder + "Model.key"];
        byte[] name = [(byte)part.Length, .. Encoding.UTF8.GetBytes(part)];
        var at = key.AsSpan().IndexOf(name) + name.Length;
        this[folder + "Model.key"] = [.. key[..at], .. BitConverter.GetBytes((long)content.Length), .. SHA256.HashData(content), .. key[(at + HashedLength)..]];
        return this;
    }

    /// <summary>Replaces a text in a stage's options.</summary>
    public ModelFileBuilder EditOptions(string folder, string text, string other) => Edit(folder, "model.json", json =>
    {
        var before = Encoding.UTF8.GetString(json);
        return before.Contains(text, StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(before.Replace(text, other, StringComparison.Ordinal)) : throw new ArgumentException($"No '{text}' in {before}");
    });

    public byte[] Create(CompressionLevel compression = CompressionLevel.Fastest)
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in _parts)
            {
                using var stream = zip.CreateEntry(name, compression).Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }
}
