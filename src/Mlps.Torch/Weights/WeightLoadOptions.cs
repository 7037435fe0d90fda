namespace Mlps.Torch.Weights;

/// <summary>How the tensors of a file are brought together with those of a module.</summary>
public sealed record WeightLoadOptions
{
    /// <summary>The names must agree entirely, after a <c>module.</c> prefix is stripped.</summary>
    public static WeightLoadOptions Strict { get; } = new();

    /// <summary>Load what matches even where tensors are missing, unexpected, or of another shape or type. Default false: such a file fails as a whole.</summary>
    /// <remarks>A file of which nothing matches fails even so.</remarks>
    public bool AllowPartial { get; init; }

    /// <summary>Strip <c>module.</c>, which PyTorch's DataParallel puts before every name, where all of the file's names start with it. Default true.</summary>
    public bool StripDataParallelPrefix { get; init; } = true;

    /// <summary>From a name in the file (already stripped) to the module's name, or to null for a tensor to pass over. Null keeps the names.</summary>
    public Func<string, string?>? MapName { get; init; }

    /// <summary>
    /// Names or dotted prefixes of the module's tensors to leave as they are, for instance <c>fc8</c> for fine-tuning with a new last layer.
    /// They are neither missing nor unexpected.
    /// </summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    internal bool IsExcluded(string name) => Exclude.Any(prefix =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || prefix.EndsWith('.') || name[prefix.Length] == '.'));
}
