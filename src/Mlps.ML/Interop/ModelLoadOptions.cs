using Mlps.Torch;

namespace Mlps.ML;

/// <summary>What <see cref="TissueSegmentationCatalog.LoadModel(string, ModelLoadOptions?)"/> accepts.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Bytes that all parts of a model file may have together once they are unpacked: 8 GiB by default; at least 1.</summary>
    public long MaximumBytes { get; init; } = 8L << 30;

    /// <summary>Names under which further ML.NET components are loaded (their loader signatures, such as <c>NgramTransform</c>), beside this library's stages and ML.NET's row mappers.</summary>
    /// <remarks>A component is code of an assembly that ships with the application. Name those that your own models hold.</remarks>
    public IReadOnlyList<string> AdditionalComponents { get; init; } = [];

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBytes, 1);
        if (AdditionalComponents.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"A name is empty in AdditionalComponents, {ShortText.List(AdditionalComponents)}.");
        }
    }
}
