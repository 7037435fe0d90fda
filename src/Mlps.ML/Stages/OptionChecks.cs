using System.Runtime.CompilerServices;
using Microsoft.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;

namespace Mlps.ML.Stages;

/// <summary>Checks of option values that only tables have.</summary>
internal static class OptionChecks
{
    /// <summary>Characters that a column's name may have.</summary>
    public const int LongestName = 1000;

    /// <summary>Rows that may be computed at once: <see cref="RowBatch"/> holds no more pixels than <see cref="BatchLimits"/> allows in any case.</summary>
    private const int LargestBatch = 4096;

    /// <summary>Height and width that a patch may have.</summary>
    private const int LargestPatch = 1 << 14;

    /// <summary>Throws when so many rows are not computed at once; null stands for what suits the device.</summary>
    public static void ScoringBatchSize(int? rows, [CallerArgumentExpression(nameof(rows))] string name = "") => Guard.InRange(rows ?? 1, 1, LargestBatch, name: name);

    /// <summary>Throws when a patch that a network was trained on cannot have that size.</summary>
    public static void PatchSize(int height, int width)
    {
        Guard.InRange(height, 1, LargestPatch, name: "PatchHeight");
        Guard.InRange(width, 1, LargestPatch, name: "PatchWidth");
    }

    /// <summary>Throws when a name is empty or occurs twice.</summary>
    public static void ColumnNames(params string[] names)
    {
        if (Array.Exists(names, string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"A column name is empty in {ShortText.List(names)}.");
        }

        if (Array.Find(names, name => name.Length > LongestName) is { } longest)
        {
            throw new ArgumentException($"A column name may have {LongestName} characters: '{ShortText.Of(longest)}'.");
        }

        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException($"A column name occurs twice in {ShortText.List(names)}.");
        }
    }

    /// <summary>Throws when the share is not one, or there is a set as well.</summary>
    public static void Validation(IDataView? validationSet, double validationFraction)
    {
        Guard.InRange(validationFraction, 0, 1, highestAllowed: false);
        if (validationSet is not null && validationFraction > 0)
        {
            throw new ArgumentException("There is a ValidationSet, and a ValidationFraction to hold out besides; give one of them.");
        }
    }

    /// <summary>Throws when there is no layer, one occurs twice, or one is not of the encoder.</summary>
    public static void Layers(IReadOnlyList<ActivationLayer> layers, ClassifierEncoder encoder)
    {
        Layers(layers);
        var own = ActivationLayers.ByDepth(encoder);
        if (layers.Any(layer => !own.Contains(layer)))
        {
            throw new ArgumentException($"Layers must be layers of {encoder}, which has [{string.Join(", ", own)}]; they are [{string.Join(", ", layers)}].");
        }
    }

    /// <summary>Throws when there is no layer, or one occurs twice.</summary>
    public static void Layers(IReadOnlyList<ActivationLayer> layers)
    {
        if (layers.Count == 0 || layers.Distinct().Count() < layers.Count)
        {
            throw new ArgumentException($"Layers must be one or more, each once; they are [{string.Join(", ", layers)}].");
        }

        foreach (var layer in layers)
        {
            Guard.Defined(layer, nameof(Layers));
        }
    }
}
