namespace Mlps.ML;

/// <summary>
/// Pictures, scores and training records as pieces of HTML that stand by themselves, for notebooks and reports.
/// </summary>
/// <remarks>
/// .NET Interactive and Polyglot Notebooks show a <see cref="Picture"/>, <see cref="SegmentationMetrics"/> or <see cref="TrainingRecord"/> at the end of a cell in this form without being told.
/// Names are escaped; nothing refers to files, scripts or the network.
/// </remarks>
public static class NotebookHtml
{
    /// <summary>The picture as an <c>img</c> element that holds the PNG file in base64.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="description">What a reader who cannot see it is told; nothing if null.</param>
    public static string ToHtml(this Picture picture, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return picture.Html(description);
    }

    /// <summary>The scores of both protocols as a table, then the confusion matrix of protocol B in shares of each true class.</summary>
    /// <param name="metrics">The scores.</param>
    public static string ToHtml(this SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return ScoreTables.Draw(metrics);
    }

    /// <summary>The loss and the scores at the end of each epoch as line charts, in SVG.</summary>
    /// <param name="record">What a trained stage's model file keeps.</param>
    public static string ToHtml(this TrainingRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return TrainingCurves.Draw(record.Epochs);
    }
}
