using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>A tensor whose element type in the file is not the module's.</summary>
/// <param name="Name">The module's name for it.</param>
/// <param name="Expected">The module's element type.</param>
/// <param name="Found">The file's element type.</param>
public sealed record WeightTypeDifference(string Name, ScalarType Expected, ScalarType Found)
{
    /// <summary>For instance <c>fc8.weight (Float16 to Float32)</c>.</summary>
    public override string ToString() => $"{Name} ({Found} to {Expected})";
}
