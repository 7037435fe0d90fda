using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Tells the user how often each tissue occurs among the training patches, before the training that may suffer from it.</summary>
internal static class LabelBalance
{
    public static void Report(IHostEnvironment environment, PatchStore patches, TissueClasses classes)
    {
        if (classes.Count == 1)
        {
            environment.Warning("Labels", $"'{classes[0].Name}' is the only class: every pixel will be predicted as it. Give the other tissues a class too.");
        }

        var counts = new int[classes.Count];
        for (var i = 0; i < patches.Count; i++)
        {
            var label = patches.Label(i);
            for (var c = 0; c < counts.Length; c++)
            {
                counts[c] += label[c];
            }
        }

        environment.Info("Labels", $"{patches.Count} patches; {string.Join(", ", classes.Names.Zip(counts, (name, count) => $"{name} in {count}"))}.");
        for (var c = 0; c < counts.Length; c++)
        {
            if (counts[c] == 0)
            {
                environment.Warning("Labels", $"No training patch has '{classes[c].Name}': it cannot be learnt.");
            }
            else if (counts[c] == patches.Count)
            {
                environment.Warning("Labels", $"Every training patch has '{classes[c].Name}': the classifier cannot learn what it looks like.");
            }
        }
    }
}
