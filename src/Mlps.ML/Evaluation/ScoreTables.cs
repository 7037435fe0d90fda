using System.Globalization;
using System.Text;
using Mlps.Torch.Evaluation;

namespace Mlps.ML;

/// <summary>Scores as HTML: a table of both protocols, then the confusion matrix of protocol B.</summary>
internal static class ScoreTables
{
    /// <summary>Opacity of the colour behind a cell that holds its whole row; darker would hide the number.</summary>
    private const double DeepestShade = 0.6;

    public static string Draw(SegmentationMetrics metrics)
    {
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

    private static void AppendScore(StringBuilder html, string name, double a, double b) =>
        html.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlText.Escape(name)}</th><td>{Number(a, "F4")}</td><td>{Number(b, "F4")}</td></tr>");

    private static void AppendMatrix(StringBuilder html, string[] names, PixelConfusionMatrix matrix)
    {
        html.Append("<table><caption>Share of each true class (row) that was predicted as each class (column)</caption><thead><tr><th></th>");
        foreach (var name in names)
        {
            html.Append("<th>").Append(HtmlText.Escape(name)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (var truth = 0; truth < names.Length; truth++)
        {
            var total = Enumerable.Range(0, names.Length).Sum(predicted => (double)matrix[truth, predicted]);
            html.Append("<tr><th>").Append(HtmlText.Escape(names[truth])).Append("</th>");
            for (var predicted = 0; predicted < names.Length; predicted++)
            {
                var share = matrix[truth, predicted] / total;
                var shade = double.IsNaN(share) ? 0 : DeepestShade * share;
                html.Append(CultureInfo.InvariantCulture, $"<td style=\"background:rgba(65,105,225,{shade:F2})\">{Number(share, "P1")}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
    }

    private static string Number(double value, string format) => double.IsNaN(value) ? "n/a" : value.ToString(format, CultureInfo.InvariantCulture);
}
