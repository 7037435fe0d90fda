using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Mlps.Benchmarks.Scale;

/// <summary>Time and memory of a training table over the number of its patches, on logarithmic axes: linear is a line of slope one.</summary>
internal static class PatchesPlot
{
    private const int Width = 760;
    private const int Height = 520;
    private const string Seconds = "seconds";
    private const string Memory = "MiB";

    public static void Write(IReadOnlyList<PatchesPoint> points, string path)
    {
        var model = new PlotModel { Background = OxyColors.White, DefaultFont = "sans-serif", Culture = System.Globalization.CultureInfo.InvariantCulture };
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "patches", LabelFormatter = Power, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        model.Axes.Add(Panel(Memory, 0, 0.47, minimum: 10));
        model.Axes.Add(Panel(Seconds, 0.53, 1, minimum: 0.1));
        model.Series.Add(Line("list", OxyColors.Firebrick, Seconds, points, point => point.ListSeconds));
        model.Series.Add(Line("shuffle", OxyColors.SeaGreen, Seconds, points, point => point.ShuffleSeconds));
        model.Series.Add(Line("read all", OxyColors.RoyalBlue, Seconds, points, point => point.ReadSeconds));
        model.Series.Add(Line("peak memory", OxyColors.DarkOrange, Memory, points, point => point.PeakMiB));
        model.Series.Add(Line("memory before", OxyColors.Gray, Memory, points, point => point.StartMiB));
        using var stream = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(model, stream);
    }

    /// <summary>Powers of ten alone; others would stand upon each other.</summary>
    private static string Power(double value) => Math.Log10(value) is var power && Math.Abs(power - Math.Round(power)) < 1e-9 ? value.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) : string.Empty;

    private static LogarithmicAxis Panel(string title, double start, double end, double minimum) => new()
    {
        Position = AxisPosition.Left,
        Key = title,
        Title = title,
        StartPosition = start,
        EndPosition = end,
        Minimum = minimum,
        Maximum = 1000,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColors.LightGray,
    };

    private static LineSeries Line(string title, OxyColor color, string axis, IReadOnlyList<PatchesPoint> points, Func<PatchesPoint, double> value)
    {
        var line = new LineSeries { Title = title, Color = color, MarkerType = MarkerType.Circle, MarkerFill = color, YAxisKey = axis };
        line.Points.AddRange(points.Select(point => new DataPoint(point.Patches, value(point))));
        return line;
    }
}
