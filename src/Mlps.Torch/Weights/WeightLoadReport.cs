using System.Text;

namespace Mlps.Torch.Weights;

/// <summary>How the tensors of a file and a module compare; names are the module's unless stated otherwise.</summary>
public sealed record WeightLoadReport
{
    private const int MaxNamed = 8;

    /// <summary>Path of the file, or the name given to the stream.</summary>
    public required string File { get; init; }

    /// <summary>Tensors that the file has in the right shape; these, and only these, are loaded.</summary>
    public required IReadOnlyList<string> Matched { get; init; }

    /// <summary>Tensors of the module that the file lacks.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Tensors of the file, by the file's names, that the module has no place for.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Tensors that both have, in different shapes.</summary>
    public required IReadOnlyList<WeightShapeDifference> WrongShape { get; init; }

    /// <summary>Tensors that both have, in element types between which no conversion makes sense (floating point, integer, boolean, complex).</summary>
    public required IReadOnlyList<WeightTypeDifference> WrongType { get; init; }

    /// <summary>Matched tensors that are converted, say from half to single precision.</summary>
    public required IReadOnlyList<WeightTypeDifference> Converted { get; init; }

    /// <summary>Tensors left alone because <see cref="WeightLoadOptions.Exclude"/> names them.</summary>
    public required IReadOnlyList<string> Excluded { get; init; }

    /// <summary>BatchNorm's <c>num_batches_tracked</c> counters that the file lacks; the module's counters stay unchanged.</summary>
    /// <remarks>Files from before PyTorch 0.4.1 and from MXNet have none, so their absence is no error.</remarks>
    public required IReadOnlyList<string> MissingCounters { get; init; }

    /// <summary>Where in the file the tensors lay: <c>state_dict</c>, say; empty for the root and for formats without nesting.</summary>
    public string Group { get; init; } = string.Empty;

    /// <summary>What was stripped from the file's names, the most frequent prefix first; empty where they fit unchanged.</summary>
    /// <remarks>A part in the middle of names begins with <c>…</c>.</remarks>
    public IReadOnlyList<string> StrippedPrefixes { get; init; } = [];

    /// <summary>Tensors of the file outside the stripped prefixes, which belong to something else than the module: to a loss or a metric.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>Other places in the file whose tensors fit as well, such as a running average of the weights; <see cref="WeightLoadOptions.Group"/> chooses one.</summary>
    public IReadOnlyList<string> EquallyFitting { get; init; } = [];

    /// <summary>What the file holds beside tensors and plain data: the Python class or function, and its place.</summary>
    /// <remarks>None of it was executed.</remarks>
    public IReadOnlyList<string> SkippedObjects { get; init; } = [];

    /// <summary>True where every tensor of the module found its values and the file has nothing more.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && WrongShape.Count == 0 && WrongType.Count == 0;

    /// <summary>A count line and every list that is not empty, one line each.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            $"matched {Matched.Count}, missing {Missing.Count}, unexpected {Unexpected.Count}, wrong shape {WrongShape.Count}, wrong type {WrongType.Count}");
        AppendList(text, "missing", Missing);
        AppendList(text, "unexpected", Unexpected);
        AppendList(text, "wrong shape", WrongShape);
        AppendList(text, "wrong type", WrongType);
        AppendList(text, "excluded", Excluded);
        AppendList(text, "found in the file at", Group.Length > 0 ? [Group] : Array.Empty<string>());
        AppendList(text, "stripped", StrippedPrefixes);
        AppendList(text, "passed over", PassedOver);
        AppendList(text, "fits as well", EquallyFitting);
        AppendList(text, "objects skipped, not executed", SkippedObjects);
        return text.ToString();
    }

    /// <summary>One sentence for a log: how many tensors were loaded from where, what was stripped, and what was passed over.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append($"{Matched.Count} tensors loaded{(Group.Length > 0 ? $" from '{Group}'" : string.Empty)}");
        Append("; stripped from their names: ", StrippedPrefixes.Select(prefix => $"'{prefix}'"));
        Append("; converted: ", Converted.Select(difference => $"{difference.Found} to {difference.Expected}").Distinct());
        Append("; fits as well, and was not used: ", EquallyFitting);
        Append("; passed over: ", PassedOver.Select(name => $"'{name}'"));
        Append("; objects skipped, not executed: ", SkippedObjects);
        return text.ToString();

        void Append(string title, IEnumerable<string> items)
        {
            string[] all = [.. items];
            if (all.Length > 0)
            {
                text.Append(title).Append(string.Join(", ", all.Take(MaxNamed)));
                text.Append(all.Length > MaxNamed ? $" and {all.Length - MaxNamed} more" : string.Empty);
            }
        }
    }

    private static void AppendList<T>(StringBuilder text, string title, IReadOnlyList<T> items)
    {
        if (items.Count > 0)
        {
            text.AppendLine().Append($"  {title}: {string.Join(", ", items.Select(item => ShortText.Of(item?.ToString() ?? string.Empty)))}");
        }
    }
}
