using Mlps.Torch.Weights.Formats;

namespace Mlps.Torch.Weights;

/// <summary>A tensor whose shape in the file is not the module's.</summary>
/// <param name="Name">The module's name for it.</param>
/// <param name="Expected">The module's shape.</param>
/// <param name="Found">The file's shape.</param>
public sealed record WeightShapeDifference(string Name, IReadOnlyList<long> Expected, IReadOnlyList<long> Found)
{
    /// <summary>For instance <c>fc8.weight (expected [4, 4096, 1, 1], found [20, 4096, 1, 1])</c>.</summary>
    public override string ToString() =>
        $"{Name} (expected {ElementTypes.FormatShape(Expected)}, found {ElementTypes.FormatShape(Found)})";
}
