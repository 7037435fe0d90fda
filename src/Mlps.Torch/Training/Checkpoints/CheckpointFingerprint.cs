using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Mlps.Torch.Serialization;

namespace Mlps.Torch.Training.Checkpoints;

/// <summary>What a run is made of: options, data, starting weights.</summary>
/// <remarks>A checkpoint is taken up only by a run that is made of the same.</remarks>
internal sealed class CheckpointFingerprint
{
    private static readonly JsonSerializerOptions _json =
        JsonContracts.Complete(new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals }, enumNames: true);

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Every value by its path, as in <c>Training.Optimizer.Momentum</c>.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Adds a value, or every property of an object under its path.</summary>
    public CheckpointFingerprint Add(string name, object? value)
    {
        Flatten(name, value is null ? null : JsonSerializer.SerializeToNode(value, _json.GetTypeInfo(value.GetType())));
        return this;
    }

    /// <summary>The first value that differs from a checkpoint's, in words; null where none does.</summary>
    public string? DifferenceFrom(IReadOnlyDictionary<string, string> kept) =>
        Difference(kept) is var (path, here, there) ? $"{path} is {here} in this run and {there} in the checkpoint" : null;

    /// <summary>The first path whose value differs from another run's, with both values; null where none does.</summary>
    public (string Path, string Here, string There)? Difference(IReadOnlyDictionary<string, string> other)
    {
        foreach (var path in _values.Keys.Union(other.Keys).Order(StringComparer.Ordinal))
        {
            var (here, there) = (_values.GetValueOrDefault(path, "nothing"), other.GetValueOrDefault(path, "nothing"));
            if (here != there)
            {
                return (path, here, there);
            }
        }

        return null;
    }

    private void Flatten(string path, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, member) in members)
                {
                    Flatten($"{path}.{name}", member);
                }

                break;
            case JsonArray items when items.All(item => item is JsonValue):
                _values[path] = $"[{string.Join(", ", items)}]";
                break;
            default:
                _values[path] = node?.ToString() ?? "null";
                break;
        }
    }
}
