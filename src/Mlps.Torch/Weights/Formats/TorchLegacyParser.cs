using System.Numerics;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads a <c>torch.save</c> file from before PyTorch 1.6: five pickles, followed by the storages' element counts and values.</summary>
internal static class TorchLegacyParser
{
    private const byte PickleStart = (byte)PickleOpcode.Proto;
    private const long Protocol = 1001;

    // "PyTorch" was once a hash: 0x1950a86a20f9469cfc6c, more than 64 bits.
    private static readonly BigInteger Magic = ((BigInteger)0x1950A86A20F9469CUL << 16) | 0xFC6C;

    public static bool Recognises(ReadOnlySpan<byte> start) => start is [PickleStart, >= 2 and <= 5, ..];

    public static ParsedWeights Parse(ByteSource source)
    {
        var budget = new ParseBudget(source);
        var reader = new ByteReader(source, 0, source.Length);
        var calls = new TorchPickleCalls(source, budget);
        RequireMagic(source, ReadPickle());
        RequireProtocol(source, ReadPickle());
        RequireLittleEndian(source, ReadPickle());
        var root = ReadPickle();
        LocateStorages(source, reader, ReadPickle(), calls.Storages);
        return TorchStateDict.Collect(source, budget, WeightFileFormat.TorchLegacy, root);

        object? ReadPickle() => new PickleMachine(source, reader, budget, calls).Read();
    }

    private static void RequireMagic(ByteSource source, object? magic)
    {
        if (magic is not BigInteger number || number != Magic)
        {
            throw source.Fail("is a Python pickle, but torch.save did not write it: PyTorch's magic number is missing. "
                + "Save its arrays as tensors: torch.save({name: torch.as_tensor(value) for name, value in weights.items()}, 'weights.pth').");
        }
    }

    private static void RequireProtocol(ByteSource source, object? protocol)
    {
        if (protocol is not Protocol)
        {
            throw source.Fail($"is of the PyTorch file protocol {protocol as long?}; expected {Protocol}.");
        }
    }

    private static void RequireLittleEndian(ByteSource source, object? machine)
    {
        if (machine is not PickleDict facts || !facts.TryGet("little_endian", out var value) || value is not bool littleEndian)
        {
            throw source.Fail("does not say in which byte order its tensors are; the file is damaged.");
        }

        if (!littleEndian)
        {
            throw source.Fail("stores its tensors in big-endian byte order; expected little-endian. Save it again on a little-endian machine.");
        }
    }

    private static void LocateStorages(ByteSource source, ByteReader reader, object? keys, Dictionary<string, TensorStorage> storages)
    {
        if (keys is not PickleList list)
        {
            throw source.Fail($"has no list of storage keys before offset {reader.Position}; the file is damaged.");
        }

        foreach (var key in list)
        {
            if (key is not string { Length: <= TorchPickleCalls.MaxKeyLength } text || !storages.TryGetValue(text, out var storage))
            {
                throw source.Fail($"lists a storage that no tensor uses, so its size is unknown (before offset {reader.Position}); the file is damaged.");
            }

            if (storage.Offset >= 0)
            {
                throw source.Fail($"lists the storage '{text}' twice; the file is damaged.");
            }

            var count = reader.ReadInt64();
            if (count != storage.ElementCount)
            {
                throw source.Fail(
                    $"the storage '{text}' at offset {reader.Position} has {count} elements, but its tensors expect {storage.ElementCount}; the file is damaged.");
            }

            storage.Offset = reader.Position;
            reader.Skip(storage.ByteCount);
        }

        if (storages.Values.FirstOrDefault(storage => storage.Offset < 0) is { } lost)
        {
            throw source.Fail($"lacks the values of the storage '{lost.Key}'; the file is truncated or damaged.");
        }
    }
}
