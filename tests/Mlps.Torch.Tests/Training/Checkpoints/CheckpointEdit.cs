using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mlps.Torch.Tests.Training.Checkpoints;

/// <summary>Changes checkpoints and mends their sums, as somebody who means harm would.</summary>
internal static class CheckpointEdit
{
    private const string Metadata = "__metadata__";
    private const string Key = "mlps.training";
    private const string Sum = "sha256";

    /// <summary>Changes where the run is.</summary>
    public static void State(string path, Action<JsonObject> edit) => Rewrite(path, (header, _) =>
    {
        var state = JsonNode.Parse(header[Metadata]![Key]!.GetValue<string>())!.AsObject();
        edit(state);
        header[Metadata]![Key] = state.ToJsonString();
    });

    /// <summary>Sets a value by its path, as in <c>Meter.Step</c>.</summary>
    public static void Set(JsonObject state, string path, string json)
    {
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(state, (node, name) => node[name]!.AsObject());
        parent[names[^1]] = JsonNode.Parse(json);
    }

    /// <summary>Flattens the first tensor of several dimensions, or makes its first number none.</summary>
    public static void Tensor(string path, string prefix, bool shape) => Rewrite(path, (header, data) =>
    {
        var (_, tensor) = header.First(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal) && entry.Value!["shape"]!.AsArray().Count == 4);
        if (shape)
        {
            tensor!["shape"] = new JsonArray(tensor["shape"]!.AsArray().Select(size => size!.GetValue<long>()).Aggregate((one, other) => one * other));
        }
        else
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan((int)tensor!["data_offsets"]![0]!.GetValue<long>()), float.NaN);
        }
    });

    /// <summary>Takes out what layout 1 did not have.</summary>
    public static void ToLayout1(string path)
    {
        State(path, state =>
        {
            state["Version"] = 1;
            state.Remove("MomentumBuffers");
        });
        var (header, data) = Read(path);
        header.Remove(Sum);
        Write(path, header, data[..^SHA256.HashSizeInBytes]);
    }

    private static void Rewrite(string path, Action<JsonObject, byte[]> edit)
    {
        var (header, data) = Read(path);
        edit(header, data);
        data.AsSpan(^SHA256.HashSizeInBytes..).Clear();
        Write(path, header, data);
        var whole = File.ReadAllBytes(path);
        SHA256.HashData(whole).CopyTo(whole.AsSpan(^SHA256.HashSizeInBytes..));
        File.WriteAllBytes(path, whole);
    }

    private static (JsonObject Header, byte[] Data) Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return (JsonNode.Parse(bytes.AsSpan(sizeof(long), length))!.AsObject(), bytes[(sizeof(long) + length)..]);
    }

    private static void Write(string path, JsonObject header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data]);
    }
}
