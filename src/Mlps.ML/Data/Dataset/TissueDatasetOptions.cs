using Mlps.Torch;

namespace Mlps.ML;

/// <summary>How a dataset's folder is read, where its <c>dataset.json</c> is not to say.</summary>
public sealed record TissueDatasetOptions
{
    /// <summary>The classes; null (default) for those of <c>dataset.json</c> or of the preset that the folder is named after.</summary>
    public TissueClasses? Classes { get; init; }

    /// <summary>A regular expression with a group named <c>source</c> that finds the slide in a patch's name, such as <c>^(?&lt;source&gt;[^_]+)_</c>.</summary>
    /// <remarks>It is matched with each patch's path below its folder, without extension and with <c>/</c> between folders. Null (default) uses <c>sourcePattern</c> of <c>dataset.json</c>, or else the names that common tools give to patches.</remarks>
    public string? SourcePattern { get; init; }

    /// <summary>The size of the patches' pixels in µm, above 0; null (default) for <c>micronsPerPixel</c> of <c>dataset.json</c>.</summary>
    public double? MicronsPerPixel { get; init; }

    /// <exception cref="ArgumentException">The pattern is no regular expression, or has no group named source; or a value is outside its range.</exception>
    internal void Check()
    {
        Guard.Positive(MicronsPerPixel ?? 1, nameof(MicronsPerPixel));
        try
        {
            _ = SourcePattern is null ? null : SourceRule.Check(SourcePattern);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException(exception.Message, nameof(SourcePattern), exception);
        }
    }
}
