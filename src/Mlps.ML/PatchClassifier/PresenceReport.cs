using System.Globalization;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Validation;

namespace Mlps.ML;

/// <summary>Chooses presence thresholds where the options say so, and says which.</summary>
internal static class PresenceReport
{
    /// <summary>The threshold of each class; null for 0.5.</summary>
    /// <param name="environment">Where the choice is logged.</param>
    /// <param name="options">Whether to choose.</param>
    /// <param name="classes">The tissues.</param>
    /// <param name="classifier">The trained classifier.</param>
    /// <param name="windows">Labelled windows of the validation set, or null.</param>
    public static IReadOnlyList<double>? Choose(IHostEnvironment environment, PatchClassifierOptions options, TissueClasses classes, PatchClassifier classifier, PatchStore? windows)
    {
        if (options.PresenceThresholds is PresenceThresholds.Fixed)
        {
            return null;
        }

        if (windows is null)
        {
            environment.Info("Validation", "There is no validation set to choose presence thresholds by; they are 0.5.");
            return null;
        }

        var thresholds = PresenceThresholdChoice.Choose(classifier, windows, options.Run.Ranks);
        var words = classes.Names.Zip(thresholds, (name, threshold) => string.Create(CultureInfo.InvariantCulture, $"{name} {threshold:g3}"));
        environment.Info("Validation", string.Create(CultureInfo.InvariantCulture, $"Presence thresholds on {windows.Count} validation windows: {string.Join(", ", words)}."));
        return thresholds;
    }
}
