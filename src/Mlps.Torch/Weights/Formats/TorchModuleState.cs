namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the state dict of a whole network that was pickled (<c>torch.save(model, path)</c>), as <c>Module.state_dict()</c> would give it.</summary>
internal static class TorchModuleState
{
    private const int MaxDepth = 32;
    private const int VisitBytes = 64;

    /// <summary>True where an object has the attributes that every <c>torch.nn.Module</c> has.</summary>
    public static bool Recognises(PickleOpaque value) =>
        Attributes(value) is { } attributes && Dictionary(attributes, "_modules") is not null && Dictionary(attributes, "_parameters") is not null;

    /// <summary>Every parameter and persistent buffer, with the names of the modules around it before its own.</summary>
    public static IEnumerable<KeyValuePair<object?, object?>> Items(PickleOpaque module, ParseBudget budget) => Items(module, string.Empty, 0, budget);

    private static IEnumerable<KeyValuePair<object?, object?>> Items(PickleOpaque module, string prefix, int depth, ParseBudget budget)
    {
        // A module may occur in several places, and is written at each; the budget ends what a hostile file makes of that.
        budget.Charge(VisitBytes + (2L * prefix.Length), 0);
        if (depth > MaxDepth || prefix.Length > StoredTensor.MaxNameLength || Attributes(module) is not { } attributes)
        {
            yield break;
        }

        // Its attributes are searched for a few names.
        budget.Charge(VisitBytes * (long)attributes.Count, 0);
        var transient = Transient(attributes, budget);
        foreach ((var list, var buffers) in new[] { ("_parameters", false), ("_buffers", true) })
        {
            foreach ((var key, var value) in Dictionary(attributes, list) ?? [])
            {
                if (key is string name && value is not null && !(buffers && transient.Contains(name)))
                {
                    budget.Charge(2L * (prefix.Length + name.Length), 0);
                    yield return new(prefix + name, value);
                }
            }
        }

        foreach ((var key, var value) in Dictionary(attributes, "_modules") ?? [])
        {
            if (key is string name && value is PickleOpaque child)
            {
                budget.Charge(2L * (prefix.Length + name.Length), 0);
                foreach (var item in Items(child, $"{prefix}{name}.", depth + 1, budget))
                {
                    yield return item;
                }
            }
        }
    }

    private static HashSet<string> Transient(PickleDict attributes, ParseBudget budget)
    {
        IEnumerable<object?> names = attributes.TryGet("_non_persistent_buffers_set", out var value) && value is PickleOpaque set
            ? set.Elements ?? (set.Arguments is [PickleList listed] ? listed : [])
            : [];
        var transient = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            // The list of one module may be that of many.
            budget.Charge(VisitBytes, 0);
            if (name is string text)
            {
                transient.Add(text);
            }
        }

        return transient;
    }

    private static PickleDict? Attributes(PickleOpaque value) => value.State switch
    {
        PickleDict attributes => attributes,
        object?[] { Length: 2 } slots => slots[0] as PickleDict,
        _ => null,
    };

    private static PickleDict? Dictionary(PickleDict attributes, string name) =>
        attributes.TryGet(name, out var value) ? value as PickleDict ?? (value as PickleOpaque)?.Items ?? Empty(value) : null;

    /// <summary>A <c>dict</c> of newer PyTorch is written like any other; an empty one of its own class has no items.</summary>
    private static PickleDict? Empty(object? value) => value is PickleOpaque { Items: null } ? [] : null;
}
