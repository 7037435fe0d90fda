using System.Globalization;
using System.Net;
using System.Text;
using Mlps.Torch.Evaluation;

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
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<img width=\"{picture.Width}\" height=\"{picture.Height}\" alt=\"{Escape(description ?? "")}\" src=\"data:image/png;base64,{Convert.ToBase64String(picture.Png.Span)}\">");
    }

    /// <summary>The scores of both protocols as a table, then the confusion matrix of protocol B in shares of each true class.</summary>
    /// <param name="metrics">The scores.</param>
    public static string ToHtml(this SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ProtocolMetrics a = metrics.ProtocolA, b = metrics.ProtocolB;
        var html = new StringBuilder();
        html.Append("<table><caption>").Append(CultureInfo.InvariantCulture, $"{metrics.PatchCount} patches, {b.ConfusionMatrix.Total} pixels");
        html.Append("</caption><thead><tr><th></th><th>protocol A</th><th>protocol B</th></tr></thead><tbody>");
        AppendScore(html, "mean IoU", a.MeanIoU, b.MeanIoU);
        AppendScore(html, "frequency-weighted IoU", a.FrequencyWeightedIoU, b.FrequencyWeightedIoU);
        AppendScore(html, "pixel accuracy", a.PixelAccuracy, b.PixelAccuracy);
        AppendScore(html, "mean class accuracy", a.MeanClassAccuracy, b.MeanClassAccuracy);
        foreach (var name in metrics.ClassNames)
        {
            AppendScore(html, $"IoU of {name}", a.ClassIoU[name], b.ClassIoU[name]);
        }

        html.Append("</tbody></table>");
        AppendMatrix(html, [.. metrics.ClassNames, "background"], b.ConfusionMatrix);
        return html.ToString();
    }

    /// <summary>The loss and the scores at the end of each epoch as line charts, in SVG.</summary>
    /// <param name="record">What a trained stage's model file keeps.</param>
    public static string ToHtml(this TrainingRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return TrainingCurves.Draw(record.Epochs);
    }

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static void AppendScore(StringBuilder html, string name, double a, double b) =>
        html.Append(CultureInfo.InvariantCulture, $"<tr><th>{Escape(name)}</th><td>{Number(a, "F4")}</td><td>{Number(b, "F4")}</td></tr>");

    private static void AppendMatrix(StringBuilder html, string[] names, PixelConfusionMatrix matrix)
    {
        html.Append("<table><caption>Share of each true class (row) that was predicted as each class (column)</caption><thead><tr><th></th>");
        foreach (var name in names)
        {
            html.Append("<th>").Append(Escape(name)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (var truth = 0; truth < names.Length; truth++)
        {
            var total = Enumerable.Range(0, names.Length).Sum(predicted => (double)matrix[truth, predicted]);
            html.Append("<tr><th>").Append(Escape(names[truth])).Append("</th>");
            for (var predicted = 0; predicted < names.Length; predicted++)
            {
                var share = matrix[truth, predicted] / total;
                var shade = double.IsNaN(share) ? 0 : 0.6 * share;
                html.Append(CultureInfo.InvariantCulture, $"<td style=\"background:rgba(65,105,225,{shade:F2})\">{Number(share, "P1")}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
    }

    private static string Number(double value, string format) => double.IsNaN(value) ? "n/a" : value.ToString(format, CultureInfo.InvariantCulture);
}
