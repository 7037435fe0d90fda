using System.Globalization;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Commands;

/// <summary>What the help says about values that are not given: read from the options themselves, so that it cannot be out of date.</summary>
internal static class TrainingDefaults
{
    /// <summary>A sentence on a value that both stages share.</summary>
    public static string Both<T>(Func<PatchClassifierTrainingOptions, T> classifier, Func<SegmenterTrainingOptions, T> segmenter)
    {
        var (first, second) = (Classifier(classifier), Segmenter(segmenter));
        return first == second ? first : $"Patch classifier: {first} Segmenter: {second}";
    }

    /// <summary>A sentence on a value of the patch classifier's training.</summary>
    public static string Classifier<T>(Func<PatchClassifierTrainingOptions, T> value) => Sentence(value(PatchClassifierTrainingOptions.Pretrained), value(new()));

    /// <summary>A sentence on a value of the segmenter's training.</summary>
    public static string Segmenter<T>(Func<SegmenterTrainingOptions, T> value) => Sentence(value(SegmenterTrainingOptions.Pretrained), value(new()));

    /// <summary>A sentence on a value that depends on the start.</summary>
    public static string Sentence<T>(T pretrained, T random) => EqualityComparer<T>.Default.Equals(pretrained, random)
        ? $"Default: {Text(random)}."
        : $"Default: {Text(pretrained)} from the pretrained start, else {Text(random)}.";

    private static string Text<T>(T value) => value switch
    {
        Enum name => name.ToString() is [var first, .. var rest] ? char.ToLowerInvariant(first) + rest : "",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
