using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Damage;

/// <summary>Damages JSON as text and as a tree: values of other kinds and beyond all ranges, values that are missing, moved, doubled, long or deep.</summary>
internal static class JsonDamage
{
    private const int Depth = 200;
    private const int Length = 200_000;
    private const int MostChanges = 3;

    private static readonly string[] _values =
    [
        "null", "true", "false", "0", "1", "-1", "2", "3", "0.5", "99", "1e308", "-1e308", "1e400", "1e-400", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807", "100000000", "1000000000000",
        "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "\"\"", "\" \"", "\"99\"", "\"None\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../x\"", "\"#12345G\"", "\"(?<source>(a+)+)$\"", "\"(?<source>[\"", "[]", "{}", "[null]", "[[]]", "[1,2,3,4]", "{\"a\":1}",
        new string('[', Depth) + new string(']', Depth),
        $"\"{new string('x', Length)}\"",
        $"[{string.Join(',', Enumerable.Repeat("0", Length / 10))}]",
    ];

    public static byte[] Apply(Random random, byte[] json)
    {
        if (random.Next(3) == 0)
        {
            return Mutation.Apply(random, json, json);
        }

        try
        {
            var root = JsonNode.Parse(json)!;
            var changes = random.Next(1, MostChanges + 1);
            for (var i = 0; i < changes; i++)
            {
                Change(random, root);
            }

            var text = root.ToJsonString();
            return Encoding.UTF8.GetBytes(random.Next(8) == 0 ? Doubled(random, root, text) : text);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // What was put in cannot be put in twice, or cannot be written.
            return Mutation.Apply(random, json, json);
        }
    }

    private static void Change(Random random, JsonNode root)
    {
        JsonNode[] all = [.. Below(root).Skip(1)];
        if (all.Length == 0)
        {
            return;
        }

        var node = all[random.Next(all.Length)];
        switch (random.Next(5))
        {
            case 0 when node.Parent is JsonObject parent:
                parent.Remove(node.GetPropertyName());
                break;
            case 0 when node.Parent is JsonArray parent:
                parent.RemoveAt(node.GetElementIndex());
                break;
            case 1:
                node.ReplaceWith(all[random.Next(all.Length)].DeepClone());
                break;
            case 2 when node.Parent is JsonObject parent:
                parent[random.Next(2) == 0 ? "Extra" : node.GetPropertyName().ToUpperInvariant()] = node.DeepClone();
                break;
            case 2 when node.Parent is JsonArray parent:
                parent.Add(node.DeepClone());
                break;
            default:
                node.ReplaceWith(JsonNode.Parse(_values[random.Next(_values.Length)]));
                break;
        }
    }

    /// <summary>A property of the root that occurs twice.</summary>
    private static string Doubled(Random random, JsonNode root, string text)
    {
        if (root is not JsonObject { Count: > 0 } members)
        {
            return text;
        }

        var (name, value) = members.ElementAt(random.Next(members.Count));
        return $"{{{JsonSerializer.Serialize(name)}:{value?.ToJsonString() ?? "null"},{text[1..]}";
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => node switch
    {
        JsonObject members => members.Select(member => member.Value).OfType<JsonNode>().SelectMany(Below).Prepend(node),
        JsonArray items => items.OfType<JsonNode>().SelectMany(Below).Prepend(node),
        _ => [node],
    };
}
