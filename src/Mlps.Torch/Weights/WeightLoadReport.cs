using System.Text;

namespace Mlps.Torch.Weights;

/// <summary>How the tensors of a file and those of a module compare. All names are the module's unless said otherwise.</summary>
public sealed record WeightLoadReport
{
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

    /// <summary>
    /// BatchNorm's <c>num_batches_tracked</c> counters that the file lacks. Files from before PyTorch 0.4.1 and MXNet's have none, so
    /// their absence is no error; the module's counters stay as they are.
    /// </summary>
    public required IReadOnlyList<string> MissingCounters { get; init; }

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
        return text.ToString();
    }

    private static void AppendList<T>(StringBuilder text, string title, IReadOnlyList<T> items)
    {
        if (items.Count > 0)
        {
            text.AppendLine().Append($"  {title}: {string.Join(", ", items)}");
        }
    }
}
