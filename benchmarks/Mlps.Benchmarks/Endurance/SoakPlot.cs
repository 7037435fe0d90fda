using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Mlps.Benchmarks.Endurance;

/// <summary>Memory, tensors and handles over the work done: training steps to the left, predictions to the right.</summary>
internal static class SoakPlot
{
    private const int Width = 760;
    private const int Height = 520;
    private const double Room = 1.3;

    private static readonly (string Title, (string Name, OxyColor Color, Func<SoakSample, double> Value)[] Lines)[] _panels =
    [
        ("files, threads", [("open files", OxyColors.SeaGreen, sample => sample.Files), ("threads", OxyColors.DarkOrange, sample => sample.Threads)]),
        ("tensors", [("live tensors", OxyColors.MediumPurple, sample => sample.Tensors)]),
        ("MiB", [("anonymous memory", OxyColors.Firebrick, sample => sample.AnonymousMiB), ("managed heap", OxyColors.RoyalBlue, sample => sample.ManagedMiB)]),
    ];

    public static void Write(IReadOnlyList<SoakSample> samples, string path)
    {
        var phases = samples.GroupBy(sample => sample.Phase).ToArray();
        var model = new PlotModel
        {
            Background = OxyColors.White,
            DefaultFont = "sans-serif",
            Title = string.Join(", then ", phases.Select(phase => $"{phase.Key}: {phase.Max(sample => sample.Done):#,0}")),
            TitleFontSize = 13,
            TitleFontWeight = FontWeights.Normal,
            Culture = System.Globalization.CultureInfo.InvariantCulture,
        };
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = phases.Length, MajorStep = 1, Title = "share of the phase's work", LabelFormatter = _ => string.Empty });
        for (var i = 0; i < _panels.Length; i++)
        {
            var (title, lines) = _panels[i];
            model.Axes.Add(new LinearAxis
            {
                Position = AxisPosition.Left,
                Key = title,
                Title = title,
                StartPosition = (i + 0.05) / _panels.Length,
                EndPosition = (i + 0.95) / _panels.Length,
                Minimum = 0,
                Maximum = Math.Max(1, Room * samples.Max(sample => lines.Max(line => line.Value(sample)))),
                MajorGridlineStyle = LineStyle.Solid,
                MajorGridlineColor = OxyColors.LightGray,
            });
            foreach (var (name, color, value) in lines)
            {
                model.Series.Add(Line(name, color, title, phases, value));
            }
        }

        using var stream = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(model, stream);
    }

    private static LineSeries Line(string name, OxyColor color, string axis, IGrouping<string, SoakSample>[] phases, Func<SoakSample, double> value)
    {
        var line = new LineSeries { Title = name, Color = color, StrokeThickness = 1.5, YAxisKey = axis };
        for (var phase = 0; phase < phases.Length; phase++)
        {
            var whole = (double)phases[phase].Max(sample => sample.Done);
            line.Points.AddRange(phases[phase].Select(sample => new DataPoint(phase + (sample.Done / whole), value(sample))));
            line.Points.Add(DataPoint.Undefined);
        }

        return line;
    }
}
