using Mlps.Cli.Output;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Mlps.Benchmarks.Scale;

/// <summary>Time and peak memory over the number of patches, on logarithmic axes: linear time is a line of slope one, flat memory a level one.</summary>
internal static class ScalePlot
{
    public static void Write(IReadOnlyList<ScalePoint> points, string path)
    {
        var model = new PlotModel { Background = OxyColors.White };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "patches", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "seconds", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Right, Title = "MiB", Key = "memory", Minimum = 0, Maximum = 2 * points.Max(point => point.PeakMiB) });
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.TopLeft });
        model.Series.Add(Line("pseudo masks, s", OxyColors.Firebrick, points, point => point.PseudoMaskSeconds));
        model.Series.Add(Line("evaluation, s", OxyColors.RoyalBlue, points, point => point.EvaluationSeconds));
        model.Series.Add(Line("peak memory, MiB", OxyColors.Gray, points, point => point.PeakMiB, "memory"));
        using var picture = PlotPicture.Draw(model, width: 720, height: 420);
        File.WriteAllBytes(path, PlotPicture.Encode(picture));
    }

    private static LineSeries Line(string title, OxyColor color, IReadOnlyList<ScalePoint> points, Func<ScalePoint, double> value, string? axis = null)
    {
        var line = new LineSeries { Title = title, Color = color, MarkerType = MarkerType.Circle, MarkerFill = color, YAxisKey = axis };
        line.Points.AddRange(points.Select(point => new DataPoint(point.Patches, value(point))));
        return line;
    }
}
