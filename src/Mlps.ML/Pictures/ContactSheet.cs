using Mlps.Torch.Evaluation;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>
/// Patches one below the other: image, truth, prediction and pseudo masks side by side, with a legend and each patch's scores.
/// </summary>
public static class ContactSheet
{
    private const int CaptionWidth = 184;
    private const int MaxNameLines = 3;

    /// <summary>Draws a contact sheet.</summary>
    /// <param name="rows">Patches from top to bottom, at least one. Images may differ in size.</param>
    /// <param name="classes">Names and colours of the classes.</param>
    /// <param name="options">How to draw; the defaults if null.</param>
    /// <remarks>
    /// The scores beside a row are those of its own pixels under protocol A, hence the (A); their mean over rows is not the score of the set.
    /// Columns that are empty in every row are left out.
    /// </remarks>
    /// <exception cref="ArgumentException">There are no rows or too many, or a mask does not fit its image or the classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Picture Draw(IReadOnlyList<ContactSheetRow> rows, TissueClasses classes, ContactSheetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(classes);
        options ??= new ContactSheetOptions();
        options.Validate();
        if (rows.Count == 0)
        {
            throw new ArgumentException("A contact sheet needs at least one row.", nameof(rows));
        }

        foreach (var row in rows)
        {
            Check(row, classes, options);
        }

        using var picture = Compose(rows, classes, options);
        return Picture.Encode(picture);
    }

    private static void Check(ContactSheetRow row, TissueClasses classes, ContactSheetOptions options)
    {
        if (row.PseudoMasks.Count > options.PseudoMaskHeaders.Count)
        {
            throw new ArgumentException(
                $"Row '{row.Name}' has {row.PseudoMasks.Count} pseudo masks and there are {options.PseudoMaskHeaders.Count} headers; " +
                $"set {nameof(ContactSheetOptions)}.{nameof(ContactSheetOptions.PseudoMaskHeaders)}.");
        }

        var masks = new List<(string Kind, byte[]? Mask)> { ("true mask", row.Truth), ("predicted mask", row.Prediction) };
        masks.AddRange(row.PseudoMasks.Select((mask, i) => (options.PseudoMaskHeaders[i], mask)));
        foreach ((var kind, var mask) in masks)
        {
            if (mask is { } pixels)
            {
                try
                {
                    Pixels.CheckMask(pixels, row.Image.Width, row.Image.Height, classes, nameof(row));
                }
                catch (ArgumentException error)
                {
                    throw new ArgumentException($"Row '{row.Name}', {kind}: {error.Message}", nameof(row), error);
                }
            }
        }
    }

    private static SKBitmap Compose(IReadOnlyList<ContactSheetRow> rows, TissueClasses classes, ContactSheetOptions options)
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text);
        using var muted = new Lettering(Ink.TextSize, Ink.Muted);
        using var strong = new Lettering(Ink.TextSize, Ink.Text, isBold: true);
        using var heading = new Lettering(Ink.TitleSize, Ink.Text, isBold: true);

        var columns = Columns(rows, options);
        var tilesLeft = Ink.Margin + CaptionWidth + Ink.Gap;
        var width = tilesLeft + (columns.Length * (options.TileSize + Ink.Gap)) - Ink.Gap + Ink.Margin;
        var inner = width - (2 * Ink.Margin);
        var legend = new Legend(classes, text, inner);
        var tiles = rows.Select(row => Pixels.FitInto(row.Image, options.TileSize)).ToArray();
        int[] heights = [.. rows.Select((row, i) => Math.Max(tiles[i].Height, CaptionHeight(row, classes, text, strong)))];

        var titleHeight = options.Title is null ? 0 : (int)heading.LineHeight + Ink.Gap;
        var headerHeight = (int)strong.LineHeight + Ink.Gap;
        var top = Ink.Margin + titleHeight + legend.Height + Ink.Gap + headerHeight;
        var height = top + heights.Sum(h => (long)h + Ink.Gap) - Ink.Gap + Ink.Margin;
        Pixels.CheckPictureSize(width, height, $"A contact sheet of {rows.Count} rows", "draw fewer rows or smaller tiles", nameof(rows));

        var picture = Pixels.Paper(width, (int)height);
        using var canvas = new SKCanvas(picture);
        if (options.Title is { } title)
        {
            heading.DrawCentered(canvas, heading.Fit(title, inner), Ink.Margin, Ink.Margin + (heading.LineHeight / 2));
        }

        legend.Draw(canvas, text, Ink.Margin, Ink.Margin + titleHeight);
        var headerCenter = top - Ink.Gap + 2 - (strong.LineHeight / 2);
        for (var c = 0; c < columns.Length; c++)
        {
            strong.DrawCentered(canvas, strong.Fit(columns[c].Header, options.TileSize), tilesLeft + (c * (options.TileSize + Ink.Gap)), headerCenter);
        }

        for (var r = 0; r < rows.Count; r++)
        {
            DrawCaption(canvas, rows[r], classes, top, text, muted, strong);
            var image = Pixels.Resize(rows[r].Image, tiles[r].Width, tiles[r].Height);
            for (var c = 0; c < columns.Length; c++)
            {
                DrawTile(canvas, columns[c], rows[r], image, classes, options, tilesLeft + (c * (options.TileSize + Ink.Gap)), top, muted);
            }

            top += heights[r] + Ink.Gap;
        }

        return picture;
    }

    private static void DrawTile(
        SKCanvas canvas, Column column, ContactSheetRow row, RgbImage image, TissueClasses classes, ContactSheetOptions options,
        int left, int top, Lettering muted)
    {
        if (!column.IsImage && column.MaskOf(row) is null)
        {
            const string None = "none";
            muted.DrawCentered(canvas, None, left + ((image.Width - muted.Measure(None)) / 2), top + (image.Height / 2f));
        }
        else
        {
            var tile = image;
            if (column.MaskOf(row) is { } mask)
            {
                var resized = Pixels.Resize(mask, row.Image.Width, row.Image.Height, image.Width, image.Height);
                tile = OverlayPicture.Blend(image, resized, classes, options.MaskOpacity, contourWidth: 1, coverBackground: true);
            }

            using var bitmap = Pixels.ToBitmap(tile);
            canvas.DrawBitmap(bitmap, left, top);
        }

        Ink.Frame(canvas, left, top, image.Width, image.Height);
    }

    private static void DrawCaption(
        SKCanvas canvas, ContactSheetRow row, TissueClasses classes, int top, Lettering text, Lettering muted, Lettering strong)
    {
        var center = top + 1 + (strong.CapHeight / 2);
        foreach (var line in NameLines(row.Name, strong))
        {
            strong.DrawCentered(canvas, line, Ink.Margin, center);
            center += strong.LineHeight;
        }

        if (Scores(row, classes) is not { } scores)
        {
            return;
        }

        center += Ink.Gap / 2f;
        DrawScore(canvas, "mean IoU (A)", scores.MeanIoU, Ink.Margin, center, muted, strong);
        for (var c = 0; c < classes.Count; c++)
        {
            if (!double.IsNaN(scores.ClassIoU[c]))
            {
                center += text.LineHeight;
                const int Size = Ink.SwatchSize - 3;
                Ink.Swatch(canvas, Ink.Margin, MathF.Round(center - (Size / 2f)), Size, Ink.ToSkia(classes.Palette[c]));
                DrawScore(canvas, classes.Names[c], scores.ClassIoU[c], Ink.Margin + Size + 6, center, muted, text);
            }
        }
    }

    private static void DrawScore(SKCanvas canvas, string name, double score, float left, float center, Lettering nameText, Lettering scoreText)
    {
        var number = double.IsNaN(score) ? "–" : FormattableString.Invariant($"{score:F2}");
        var right = Ink.Margin + CaptionWidth - (2 * Ink.Gap) - scoreText.Measure(number);
        nameText.DrawCentered(canvas, nameText.Fit(name, right - left - Ink.Gap), left, center);
        scoreText.DrawCentered(canvas, number, right, center);
    }

    private static int CaptionHeight(ContactSheetRow row, TissueClasses classes, Lettering text, Lettering strong)
    {
        var scoreLines = Scores(row, classes) is { } scores ? 1 + scores.ClassIoU.Count(value => !double.IsNaN(value)) : 0;
        return (int)Math.Ceiling((NameLines(row.Name, strong).Count + scoreLines) * text.LineHeight) + Ink.Gap;
    }

    /// <summary>A name on as many lines as it needs, broken at spaces, and anywhere where there are none: file names seldom have any.</summary>
    internal static List<string> NameLines(string name, Lettering text)
    {
        const float Available = CaptionWidth - (2 * Ink.Gap);
        var lines = new List<string>();
        var start = 0;
        while (start < name.Length && lines.Count < MaxNameLines)
        {
            var length = name.Length - start;
            if (lines.Count == MaxNameLines - 1)
            {
                lines.Add(text.Fit(name[start..], Available));
                break;
            }

            while (length > 1 && text.Measure(name.Substring(start, length)) > Available)
            {
                length--;
            }

            length = start + length < name.Length && name.LastIndexOf(' ', start + length, length + 1) is var space && space > start ? space + 1 - start : length;
            lines.Add(name.Substring(start, length).TrimEnd());
            start += length;
        }

        return lines;
    }

    private static SegmentationScores? Scores(ContactSheetRow row, TissueClasses classes)
    {
        if (row.Truth is not { } truth || row.Prediction is not { } prediction)
        {
            return null;
        }

        var matrix = new PixelConfusionMatrix(classes.Count);
        matrix.Add(truth, prediction);
        return SegmentationScores.Compute(matrix, ScoringProtocol.A);
    }

    private static Column[] Columns(IReadOnlyList<ContactSheetRow> rows, ContactSheetOptions options)
    {
        var masks = new List<Column>
        {
            new("truth", row => row.Truth),
            new("prediction", row => row.Prediction),
        };
        masks.AddRange(options.PseudoMaskHeaders.Select(
            (header, i) => new Column(header, row => i < row.PseudoMasks.Count ? row.PseudoMasks[i] : null)));
        return [new Column("image", _ => null, IsImage: true), .. masks.Where(column => rows.Any(row => column.MaskOf(row) is not null))];
    }

    private sealed record Column(string Header, Func<ContactSheetRow, byte[]?> MaskOf, bool IsImage = false);
}
