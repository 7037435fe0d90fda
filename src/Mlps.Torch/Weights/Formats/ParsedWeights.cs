namespace Mlps.Torch.Weights.Formats;

/// <summary>What a format's parser found: tensors in the file's order, and the file's free-form text fields.</summary>
internal sealed record ParsedWeights(
    WeightFileFormat Format,
    IReadOnlyList<StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata);
