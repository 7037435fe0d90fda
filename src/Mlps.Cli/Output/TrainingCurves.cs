using Mlps.Torch.Training;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Mlps.Cli.Output;

/// <summary>Loss and validation scores over the epochs of both stages, side by side.</summary>
internal static class TrainingCurves
{
    private const int PanelWidth = 640;
    private const int PanelHeight = 420;

    private static readonly OxyColor LossColor = OxyColor.FromRgb(0x8C, 0x2D, 0x5E);

    private static readonly OxyColor[] ScoreColors =
        [OxyColor.FromRgb(0x1B, 0x6C, 0xA8), OxyColor.FromRgb(0x2E, 0x8B, 0x57), OxyColor.FromRgb(0xD9, 0x7D, 0x0D), OxyColor.FromRgb(0x6A, 0x51, 0xA3), OxyColor.FromRgb(0x55, 0x55, 0x55), OxyColor.FromRgb(0x17, 0xA2, 0xB8), OxyColor.FromRgb(0xA0, 0x78, 0x2C)];

    private const string ValidationPrefix = "validation.";

    /// <summary>Scores that would crowd the picture; <c>history.json</c> has them.</summary>
    private static readonly string[] LeftOut = ["exactMatch", "labelIoU", "validation.exactMatch", "validation.meanAveragePrecision", "validation.pseudoMaskMeanIoU"];

    /// <summary>A PNG with a panel for each stage.</summary>
    public static byte[] Draw(IReadOnlyList<TrainingProgress> epochs)
    {
        var panels = epochs.GroupBy(epoch => epoch.Stage).Select(stage => Panel(stage.Key, [.. stage])).ToArray();
        using var sheet = new SkiaSharp.SKBitmap(PanelWidth * Math.Max(1, panels.Length), PanelHeight);
        using var canvas = new SkiaSharp.SKCanvas(sheet);
        canvas.Clear(SkiaSharp.SKColors.White);
        for (var i = 0; i < panels.Length; i++)
        {
            using var picture = PlotPicture.Draw(panels[i], PanelWidth, PanelHeight);
            canvas.DrawBitmap(picture, i * PanelWidth, 0);
        }

        canvas.Flush();
        return PlotPicture.Encode(sheet);
    }

    private static PlotModel Panel(TrainingStage stage, TrainingProgress[] epochs)
    {
        var model = new PlotModel
        {
            Title = stage is TrainingStage.PatchClassifier ? "Stage 1: patch classifier" : "Stage 2: segmenter",
            TitleFontSize = 16,
            Background = OxyColors.White,
            PlotAreaBorderColor = OxyColor.FromRgb(0xBB, 0xBB, 0xBB),
            IsLegendVisible = true,
        };
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal, LegendFontSize = 11 });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "epoch", MinimumMajorStep = 1, MajorGridlineStyle = LineStyle.None });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "training loss", Key = "loss", TextColor = LossColor, TitleColor = LossColor, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColor.FromRgb(0xEE, 0xEE, 0xEE) });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Right, Title = "validation score", Key = "score", Minimum = 0, Maximum = 1 });
        model.Series.Add(Line("loss", "loss", LossColor, epochs.Select(epoch => new DataPoint(epoch.Epoch, epoch.Loss))));
        var names = epochs.SelectMany(epoch => epoch.Scores.Keys).Except(LeftOut, StringComparer.Ordinal).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i];
            var points = epochs.Where(epoch => epoch.Scores.ContainsKey(name)).Select(epoch => new DataPoint(epoch.Epoch, epoch.Scores[name]));
            model.Series.Add(Line(name.Replace(ValidationPrefix, string.Empty, StringComparison.Ordinal), "score", ScoreColors[i % ScoreColors.Length], points));
        }

        return model;
    }

    private static LineSeries Line(string title, string axis, OxyColor color, IEnumerable<DataPoint> points)
    {
        var line = new LineSeries { Title = title, YAxisKey = axis, Color = color, StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 2.5, MarkerFill = color };
        line.Points.AddRange(points);
        return line;
    }
}
