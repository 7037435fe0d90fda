using Microsoft.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;

namespace Mlps.ML.Stages;

/// <summary>Checks of option values that only tables have.</summary>
internal static class OptionChecks
{
    /// <summary>Throws when a name is empty or occurs twice.</summary>
    public static void ColumnNames(params string[] names)
    {
        if (Array.Exists(names, string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"A column name is empty in [{string.Join(", ", names)}].");
        }

        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException($"A column name occurs twice in [{string.Join(", ", names)}].");
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
