using Mlps.Torch;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>How a trained stage came about; kept in the model file.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record TrainingRecord : IHtml
{
    /// <summary>Everything that the stage was made of, by path, as in <c>Training.Optimizer.Momentum</c>: options, classes, and digests of data and starting weights.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>What initialisation, shuffling and variation were drawn from.</summary>
    public required int Seed { get; init; }

    /// <summary>SHA-256 of the patches that it was trained on.</summary>
    public required string DataDigest { get; init; }

    /// <summary>Names of the classes, in order.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Versions of this library, TorchSharp, ML.NET, .NET and the operating system, and what the networks ran on.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The report at the end of each epoch: losses and scores.</summary>
    public required IReadOnlyList<TrainingProgress> Epochs { get; init; }

    /// <summary>Throws when a text or a report is missing, or the classes are not those of the stage.</summary>
    /// <exception cref="ArgumentException">The record is not one of the stage.</exception>
    internal void Check(TissueClasses classes)
    {
        if (Options.Values.Concat(Versions.Values).Any(value => value is null) || Epochs.Any(epoch => epoch?.Scores is null))
        {
            throw new ArgumentException("A value of the training record is null.");
        }

        if (!Classes.SequenceEqual(classes.Names, StringComparer.Ordinal))
        {
            throw new ArgumentException($"The training record is of the classes {ShortText.List(Classes.Select(name => name ?? "null"))}, and the stage has {ShortText.List(classes.Names)}.");
        }

        foreach (var epoch in Epochs)
        {
            Guard.Defined(epoch.Stage);
        }
    }

    string IHtml.Draw() => TrainingCurves.Draw(Epochs);
}
