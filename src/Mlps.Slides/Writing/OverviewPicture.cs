using System.Globalization;
using Mlps.ML;
using SkiaSharp;

namespace Mlps.Slides;

/// <summary>Draws <c>overview.png</c>: the slide, beside it the slide with its mask, and a legend with areas and shares.</summary>
internal sealed class OverviewPicture
{
    /// <summary>The longest side of the picture.</summary>
    public const int MaximumSize = 2048;

    private const int TitleHeight = 34;
    private const int SmallestWidth = 480;
    private const double Opacity = 0.5;

    private readonly SlideDescription _slide;
    private readonly TissueClasses _entries;

    private OverviewPicture(SlideDescription slide, SlideAreas areas)
    {
        _slide = slide;
        var background = slide.Classes.Background;
        _entries = new TissueClasses(
            slide.Classes.Select((tissue, index) => tissue with { Name = Entry(tissue.Name, areas.Classes[index]) }),
            background is null ? null : background with { Name = Entry(background.Name, areas.Background!) });
    }

    /// <summary>Draws the picture.</summary>
    /// <param name="thumbnail">The whole slide within its bounds, at any size; best about 2,000 px.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="areas">Its areas.</param>
    public static Picture Draw(RgbImage thumbnail, IMaskRows rows, SlideDescription slide, SlideAreas areas) => new OverviewPicture(slide, areas).Draw(thumbnail, rows);

    private Picture Draw(RgbImage thumbnail, IMaskRows rows)
    {
        using var title = new Lettering(Ink.TitleSize, Ink.Text, isBold: true);
        using var text = new Lettering(Ink.TextSize, Ink.Text);
        using var muted = new Lettering(Ink.TextSize, Ink.Muted);
        var (width, height, isStacked) = PanelSize(thumbnail, new Legend(_entries, text, SmallestWidth - (2 * Ink.Margin)).Height);
        var panels = isStacked ? (Width: width, Height: (2 * height) + Ink.Gap) : (Width: (2 * width) + Ink.Gap, Height: height);
        var pictureWidth = Math.Max(SmallestWidth, panels.Width + (2 * Ink.Margin));
        var legend = new Legend(_entries, text, pictureWidth - (2 * Ink.Margin));
        var pictureHeight = Ink.Margin + TitleHeight + panels.Height + Ink.Gap + legend.Height + Ink.Margin;

        using var picture = Pixels.Paper(pictureWidth, pictureHeight);
        using var canvas = new SKCanvas(picture);
        var name = title.Fit(_slide.Name, pictureWidth * 0.6f);
        title.DrawCentered(canvas, name, Ink.Margin, Ink.Margin + (TitleHeight / 3f));
        var left = Ink.Margin + title.Measure(name) + Ink.Gap;
        muted.DrawCentered(canvas, muted.Fit(Size(), Math.Max(1, pictureWidth - Ink.Margin - left)), left, Ink.Margin + (TitleHeight / 3f));

        var image = Pixels.Resize(thumbnail, width, height);
        var masked = OverlayPicture.Blend(image, Sample(rows, width, height), _slide.Classes, Opacity, contourWidth: 0);
        var top = Ink.Margin + TitleHeight;
        Place(canvas, image, Ink.Margin, top);
        Place(canvas, masked, isStacked ? Ink.Margin : Ink.Margin + width + Ink.Gap, isStacked ? top + height + Ink.Gap : top);
        legend.Draw(canvas, text, Ink.Margin, top + panels.Height + Ink.Gap);
        canvas.Flush();
        return Picture.Encode(picture);
    }

    private static void Place(SKCanvas canvas, RgbImage image, int left, int top)
    {
        using var bitmap = Pixels.ToBitmap(image);
        canvas.DrawBitmap(bitmap, left, top);
        Ink.Frame(canvas, left, top, image.Width, image.Height);
    }

    /// <summary>The largest panels that fit, side by side or one below the other, not larger than the thumbnail.</summary>
    private static (int Width, int Height, bool IsStacked) PanelSize(RgbImage thumbnail, int legendHeight)
    {
        double room = MaximumSize - (2 * Ink.Margin), below = room - TitleHeight - Ink.Gap - legendHeight;
        double width = thumbnail.Width, height = thumbnail.Height;
        var beside = Math.Min((room - Ink.Gap) / 2 / width, below / height);
        var stacked = Math.Min(room / width, (below - Ink.Gap) / 2 / height);
        var scale = Math.Min(1, Math.Max(beside, stacked));
        return (Math.Max(1, (int)(width * scale)), Math.Max(1, (int)(height * scale)), beside < scale);
    }

    /// <summary>The mask at the size of a panel: the pixel in the middle of each.</summary>
    private byte[] Sample(IMaskRows rows, int width, int height)
    {
        var sampled = new byte[width * height];
        var row = new byte[rows.Width];
        for (var y = 0; y < height; y++)
        {
            rows.Read(Middle(y, height, rows.Height), 1, row, []);
            for (var x = 0; x < width; x++)
            {
                var value = row[Middle(x, width, rows.Width)];

                // What nobody has looked at is drawn like background: as it is.
                sampled[(y * width) + x] = value == MaskValue.NotLookedAt ? (byte)_slide.Classes.BackgroundIndex : value;
            }
        }

        return sampled;

        static int Middle(int position, int size, int maskSize) => (int)(((2L * position) + 1) * maskSize / (2L * size));
    }

    private string Size() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_slide.Width * _slide.MicronsPerPixel / 1000:F1} x {_slide.Height * _slide.MicronsPerPixel / 1000:F1} mm, mask at {_slide.MaskMicronsPerPixel:0.###} µm a pixel");

    private static string Entry(string name, ClassArea area) => area.ShareOfTissue is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"{name} {100 * share:F1} %, {area.SquareMillimetres:0.###} mm²")
        : string.Create(CultureInfo.InvariantCulture, $"{name} {area.SquareMillimetres:0.###} mm²");
}
