namespace Mlps.Torch.Weights;

/// <summary>How the tensors of a file are brought together with those of a module.</summary>
public sealed record WeightLoadOptions
{
    /// <summary>The names must agree entirely, once the prefix that stands before them is stripped.</summary>
    public static WeightLoadOptions Strict { get; } = new();

    /// <summary>Load what matches even where tensors are missing, unexpected, or of another shape or type; by default such a file fails.</summary>
    /// <remarks>A file of which nothing matches fails even so.</remarks>
    public bool AllowPartial { get; init; }

    /// <summary>What to strip from the file's names, such as <c>"model."</c>, or <c>""</c> for nothing; null (default) finds the best prefix.</summary>
    /// <remarks>
    /// The best prefix leads to the most names of the module with equal shapes: <c>module.</c>, <c>_orig_mod.</c>, <c>net.encoder.</c> or any other.
    /// The report says what was stripped. Where a <see cref="MapName"/> is given, only what stands before all names alike is considered.
    /// </remarks>
    public string? Prefix { get; init; }

    /// <summary>Where the tensors lie in a PyTorch file that holds several sets; null (default) takes the set that fits the module best.</summary>
    /// <remarks>
    /// For instance <c>"ema.state_dict"</c> or <c>"models[1]"</c>; <c>""</c> is the root.
    /// Among sets that fit equally well, those under a usual name (<c>state_dict</c>, <c>model_state_dict</c>, <c>model_state</c>, <c>model</c>, <c>network</c>,
    /// <c>net</c>, <c>module</c>, <c>params</c>, <c>weights</c>, <c>model_weights</c>, <c>network_state_dict</c>, <c>net_state_dict</c>, <c>_orig_mod</c>, in this order) come first, then others, then running averages (<c>ema</c>, <c>swa</c>, <c>teacher</c>).
    /// Where that decides nothing, loading fails and names them.
    /// </remarks>
    public string? Group { get; init; }

    /// <summary>Names or dotted prefixes in the file (already stripped) to ignore: <c>fc</c> for the last layer of an ImageNet network, say.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Maps a name in the file (already stripped) to the module's name, or to null to ignore the tensor; null keeps the names.</summary>
    public Func<string, string?>? MapName { get; init; }

    /// <summary>Names or dotted prefixes of the module's tensors to leave unchanged, for instance <c>fc8</c> for fine-tuning with a new last layer.</summary>
    /// <remarks>They are neither missing nor unexpected.</remarks>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    internal bool IsExcluded(string name) => IsBelow(Exclude, name);

    internal bool IsIgnored(string name) => IsBelow(Ignore, name);

    private static bool IsBelow(IReadOnlyList<string> prefixes, string name) => prefixes.Any(prefix =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || prefix.EndsWith('.') || name[prefix.Length] == '.'));
}
