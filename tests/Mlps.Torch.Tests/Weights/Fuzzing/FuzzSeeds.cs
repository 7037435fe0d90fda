using System.Globalization;

namespace Mlps.Torch.Tests.Weights.Fuzzing;

/// <summary>Sound files of every format and header version, from PyTorch's own to small ones whose every byte matters.</summary>
internal static class FuzzSeeds
{
    public static IReadOnlyList<FuzzSeed> Create(IEnumerable<string> files)
    {
        var checkpoint = TorchBytes.CheckpointPickle();
        var values = TorchBytes.Floats(0, 1, 2, 3, 4, 5);
        var small = TorchBytes.Zip(checkpoint, ("0", values));
        return
        [
            .. files.Select(file => new FuzzSeed(Path.GetFileName(file), File.ReadAllBytes(file))),
            .. files.Where(file => file.EndsWith("_zip.pth", StringComparison.Ordinal)).Select(file =>
                new FuzzSeed($"{Path.GetFileName(file)} without checksums", WithoutChecksums(File.ReadAllBytes(file)))),
            new("small zip", small),
            new("small zip without checksums", WithoutChecksums(small)),
            new("small legacy", TorchBytes.Legacy(checkpoint, [("0", 6, values)])),
            .. Spellings.Select(name => new FuzzSeed(name, WithoutChecksums(WeightSpellings.All[name].File().Zip()))),
            new("many objects", WithoutChecksums(ManyObjects().Zip())),
            new("many objects, legacy", ManyObjects().Legacy()),
            new("safetensors", Safetensors()),
            new("params before V1", Params(0)),
            new("params V1", Params(MxNetBytes.V1)),
            new("params V2", Params(MxNetBytes.V2)),
            new("params V3", Params(MxNetBytes.V3)),
            .. OnnxBytes.Seeds().Select(seed => new FuzzSeed(seed.Name, seed.Content)),
        ];
    }

    /// <summary>Nests, prefixes and objects of every kind that the search for tensors goes through.</summary>
    private static readonly string[] Spellings =
    [
        "whole network in DataParallel", "dictionaries of parts", "pairs of name and tensor", "list of models", "defaultdict of tensors", "nest 'model' with optimizer",
        "attribute of an object", "compiled part in a parallel whole",
    ];

    private static PickledState ManyObjects()
    {
        var state = new PickledState().Begin();
        foreach ((var name, (_, var write)) in PickledObjects.All)
        {
            state.Key(name).Put(p => write(p));
        }

        return state.Key("model").State(3, name => "net." + name).End();
    }

    /// <summary>A checksum of 0 means none, so that damage reaches what lies behind it.</summary>
    private static byte[] WithoutChecksums(byte[] zip)
    {
        byte[] copy = [.. zip];
        ReadOnlySpan<byte> signature = [0x50, 0x4B, 1, 2];
        for (var at = 0; copy.AsSpan(at).IndexOf(signature) is >= 0 and int found; at += found + signature.Length)
        {
            copy.AsSpan(at + found + 16, 4).Clear();
        }

        return copy;
    }

    private static byte[] Safetensors()
    {
        (string Type, int Size)[] types = [("F32", 4), ("F16", 2), ("BF16", 2), ("I64", 8), ("BOOL", 1), ("U8", 1)];
        var fields = new List<string> { "\"__metadata__\":{\"format\":\"pt\",\"classes\":\"TE,NEC,LYM,TAS\"}" };
        var end = 0;
        for (var i = 0; i < 24; i++)
        {
            (var type, var size) = types[i % types.Length];
            var begin = end;
            end += size * 2 * (i + 1);
            fields.Add(string.Create(
                CultureInfo.InvariantCulture, $$"""
                "b{{i}}.conv.weight":{"dtype":"{{type}}","shape":[2,{{i + 1}}],"data_offsets":[{{begin}},{{end}}]}
                """));
        }

        return SafetensorsBytes.Create($"{{{string.Join(',', fields)}}}", new byte[end]);
    }

    private static byte[] Params(uint magic) => MxNetBytes.List([.. Enumerable.Range(0, 6).Select(i => (
        $"arg:res{i}a_branch2a_weight", MxNetBytes.Array(magic, [i + 1, 2], i % 2 == 0 ? 0 : 6, new byte[(i % 2 == 0 ? 4 : 8) * 2 * (i + 1)])))]);
}
