namespace Mlps.Torch.Weights.Formats;

/// <summary>What a format's parser found.</summary>
/// <param name="Format">The container.</param>
/// <param name="Groups">The tensors, in groups by where they lie; at least one, in the file's order.</param>
/// <param name="Default">Which of the groups is the file's as long as no network says which one it needs.</param>
/// <param name="Metadata">The file's free-form text fields.</param>
/// <param name="SkippedObjects">What the file holds that is neither a tensor nor plain data: its type, and where it lies.</param>
internal sealed record ParsedWeights(
    WeightFileFormat Format,
    IReadOnlyList<WeightGroup> Groups,
    WeightGroup Default,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<string> SkippedObjects)
{
    /// <summary>A file of a format that has one group alone.</summary>
    public static ParsedWeights FromOneGroup(WeightFileFormat format, IReadOnlyList<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var group = new WeightGroup([], tensors, []);
        return new ParsedWeights(format, [group], group, metadata, []);
    }
}
