namespace Mlps.Torch.Weights.Formats;

/// <summary>Tensors by name that lie together in a file: a state dict, or the whole of a format that has only one.</summary>
/// <param name="Path">Keys and positions from the root of the file to the group; empty for the root.</param>
/// <param name="Tensors">The tensors in the file's order.</param>
/// <param name="Unreadable">Values under a name that are no readable tensors, with what is wrong with each.</param>
internal sealed record WeightGroup(IReadOnlyList<string> Path, IReadOnlyList<StoredTensor> Tensors, IReadOnlyList<UnreadableWeight> Unreadable)
{
    /// <summary>The path as Python would nearly write it, for instance <c>models[0].state_dict</c>; empty for the root.</summary>
    public string Name { get; } = Join(Path);

    /// <summary>What the names on the path say about the group.</summary>
    public WeightRole Role { get; } = WeightRoles.Find(Path);

    private static string Join(IReadOnlyList<string> path) => string.Join('.', path).Replace(".[", "[", StringComparison.Ordinal);
}

/// <summary>A value that stands under a tensor's name and is no tensor that can be read.</summary>
/// <param name="Name">Its name in the group.</param>
/// <param name="Problem">What it is, and what to do.</param>
/// <param name="IsTensor">Whether it is a tensor or an array, of a kind that cannot be read.</param>
internal readonly record struct UnreadableWeight(string Name, string Problem, bool IsTensor);
