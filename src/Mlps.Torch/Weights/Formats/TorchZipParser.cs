using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads a file of <c>torch.save</c> since PyTorch 1.6: a zip archive of <c>data.pkl</c> and one record a storage.</summary>
internal static class TorchZipParser
{
    private const string PickleName = "data.pkl";
    private const int MaxByteOrderBytes = 16;

    public static ParsedWeights Parse(ByteSource source)
    {
        var budget = new ParseBudget(source);
        var entries = ZipDirectory.Read(source, budget);
        if (ZipKinds.DescribeScript(entries.Keys) is { } script)
        {
            throw source.Fail(script);
        }

        var pickle = FindPickle(source, entries);
        var folder = pickle.Name[..^PickleName.Length];
        RequireLittleEndian(source, entries, folder);

        RecordChecksum.Verify(source, pickle.ToRecord(), "the pickle");
        var calls = new TorchPickleCalls(source, budget);
        var machine = new PickleMachine(source, new ByteReader(source, pickle.Offset, pickle.Offset + pickle.Length), budget, calls);
        var root = machine.Read();

        foreach (var storage in calls.Storages.Values)
        {
            FindStorage(source, entries, folder, storage);
        }

        return TorchStateDict.Collect(source, budget, WeightFileFormat.TorchZip, root);
    }

    private static ZipEntry FindPickle(ByteSource source, Dictionary<string, ZipEntry> entries)
    {
        ZipEntry? found = null;
        foreach (var entry in entries.Values)
        {
            if (entry.Name == PickleName || (entry.Name.EndsWith($"/{PickleName}", StringComparison.Ordinal) && entry.Name.Count(c => c == '/') == 1))
            {
                found = found is null ? entry : throw source.Fail($"has the records '{found.Value.Name}' and '{entry.Name}'; expected one {PickleName}.");
            }
        }

        return found ?? throw source.Fail(ZipKinds.Describe(entries.Keys)
            ?? (entries.Keys.Any(name => name.EndsWith($"/{PickleName}", StringComparison.Ordinal))
                ? "is a PyTorch file that was unpacked and packed anew, in folders of their own. Use the file as torch.save wrote it."
                : $"is a zip archive without a record {PickleName}, so torch.save did not write it."));
    }

    private static void RequireLittleEndian(ByteSource source, Dictionary<string, ZipEntry> entries, string folder)
    {
        if (!entries.TryGetValue($"{folder}byteorder", out var entry))
        {
            return;
        }

        Span<byte> text = stackalloc byte[(int)Math.Min(entry.Length, MaxByteOrderBytes)];
        source.Read(entry.Offset, text);
        var order = Encoding.Latin1.GetString(text);
        if (order != "little")
        {
            throw source.Fail($"stores its tensors in the byte order '{order}'; expected 'little'. Save it again on a little-endian machine.");
        }
    }

    private static void FindStorage(ByteSource source, Dictionary<string, ZipEntry> entries, string folder, TensorStorage storage)
    {
        var name = $"{folder}data/{storage.Key}";
        if (!entries.TryGetValue(name, out var entry))
        {
            throw source.Fail($"lacks the record '{name}' with the values of a tensor; the file is damaged.");
        }

        if (entry.Length != storage.ByteCount)
        {
            throw source.Fail($"the record '{name}' has {entry.Length} bytes; expected {storage.ByteCount} for {storage.ElementCount} elements. The file is damaged.");
        }

        storage.Offset = entry.Offset;
        storage.Record = entry.ToRecord();
    }
}
