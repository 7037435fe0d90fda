using System.Globalization;
using System.Text;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>
/// How loss and scores went over the epochs, as line charts in SVG.
/// </summary>
public static class TrainingCurves
{
    private const int Width = 420, Height = 240, Left = 52, Right = 12, Top = 30, Bottom = 30, LegendLine = 16, Ticks = 4;

    private static readonly string[] Colors = ["#4169E1", "#CD3333", "#2E8B57", "#B8860B", "#8A2BE2", "#20808D"];

    // More curves than colours: the same colours again, told apart by dashes.
    private static readonly string[] Dashes = ["", " stroke-dasharray=\"6 3\"", " stroke-dasharray=\"2 2\""];

    /// <summary>Draws one chart of the loss and, where there are scores, one of the scores in [0, 1].</summary>
    /// <param name="epochs">Reports of training; those that do not end an epoch are left out.</param>
    /// <returns>A <c>div</c> with one or two <c>svg</c> elements.</returns>
    /// <exception cref="ArgumentException">No report is of the end of an epoch.</exception>
    public static string Draw(IEnumerable<TrainingProgress> epochs)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        TrainingProgress[] ended = [.. epochs.Where(report => report.EpochEnded)];
        if (ended.Length == 0)
        {
            throw new ArgumentException("No report has EpochEnded set; pass the reports of at least one whole epoch.", nameof(epochs));
        }

        var loss = new Curve("loss", [.. ended.Select(report => (report.Epoch, report.Loss))]);
        Curve[] scores = [.. ended.SelectMany(report => report.Scores.Keys).Distinct().Select(name => new Curve(
            name, [.. ended.Where(report => report.Scores.ContainsKey(name)).Select(report => (report.Epoch, report.Scores[name]))]))];

        var highest = loss.Points.Select(point => point.Value).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var html = new StringBuilder("<div>");
        var last = ended.Max(report => report.Epoch);
        AppendChart(html, $"{ended[0].Stage}: loss", [loss], highest > 0 ? highest : 1, last);
        if (scores.Length > 0)
        {
            AppendChart(html, $"{ended[0].Stage}: scores", scores, 1, last);
        }

        return html.Append("</div>").ToString();
    }

    private static void AppendChart(StringBuilder html, string title, Curve[] curves, double highest, int lastEpoch)
    {
        var height = Height + (LegendLine * curves.Length);
        html.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" style=\"vertical-align:top\" font-family=\"sans-serif\" font-size=\"11\">");
        html.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"white\"/><text x=\"{Left}\" y=\"18\" font-size=\"13\">{HtmlText.Escape(title)}</text>");
        for (var tick = 0; tick <= Ticks; tick++)
        {
            var value = highest * tick / Ticks;
            var y = Vertical(value, highest);
            html.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{value:G3}</text>");
        }

        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 12}\">1</text><text x=\"{Width - Right}\" y=\"{Height - 12}\" text-anchor=\"end\">epoch {lastEpoch}</text>");
        for (var i = 0; i < curves.Length; i++)
        {
            var stroke = $"stroke=\"{Colors[i % Colors.Length]}\" stroke-width=\"2\"{Dashes[i / Colors.Length % Dashes.Length]}";
            var points = curves[i].Points.Where(point => double.IsFinite(point.Value)).Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{Horizontal(point.Epoch, lastEpoch):F1},{Vertical(point.Value, highest):F1}"));
            var legend = Height + (LegendLine * i);
            html.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" {stroke} stroke-linejoin=\"round\" points=\"{string.Join(' ', points)}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Left + 22}\" y1=\"{legend - 2}\" y2=\"{legend - 2}\" {stroke}/><text x=\"{Left + 28}\" y=\"{legend + 2}\">{HtmlText.Escape(curves[i].Name)}</text>");
        }

        html.Append("</svg>");
    }

    private static double Horizontal(int epoch, int last) => Left + ((double)(Width - Left - Right) * (epoch - 1) / Math.Max(1, last - 1));

    private static double Vertical(double value, double highest) => Height - Bottom - ((Height - Top - Bottom) * value / highest);

    private sealed record Curve(string Name, (int Epoch, double Value)[] Points);
}
