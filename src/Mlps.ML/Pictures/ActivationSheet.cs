using SkiaSharp;

namespace Mlps.ML;

/// <summary>
/// All activation maps of one patch: a row for each layer, a column for each class, the image on the left.
/// </summary>
/// <remarks>
/// Maps of one layer share one scale, from the smallest to the largest of its C maps, because that is how they compete for pixels
/// when pseudo masks are made. Scales of different layers are not comparable.
/// </remarks>
public static class ActivationSheet
{
    private const int LayerWidth = 64;

    /// <summary>Draws the activation maps of a patch.</summary>
    /// <param name="image">The patch.</param>
    /// <param name="maps">Values of the column <c>ActivationMaps</c>, shape [L, C, mapHeight, mapWidth].</param>
    /// <param name="mapWidth">Width of each map.</param>
    /// <param name="mapHeight">Height of each map.</param>
    /// <param name="classes">The C classes.</param>
    /// <param name="options">How to draw, and the names of the L layers; the defaults if null.</param>
    /// <exception cref="ArgumentException">The number of values does not fit the layers, classes and map size, or the sheet would have more than 32,767 pixels a side.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option or a size is out of range.</exception>
    public static Picture Draw(
        RgbImage image, ReadOnlySpan<float> maps, int mapWidth, int mapHeight, TissueClasses classes, ActivationSheetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapHeight, 1);
        options ??= new ActivationSheetOptions();
        options.Validate();
        var layers = options.Layers.Count;
        if (maps.Length != (long)layers * classes.Count * mapHeight * mapWidth)
        {
            throw new ArgumentException(
                $"There are {maps.Length} values; {layers} layers x {classes.Count} classes x {mapHeight} x {mapWidth} need " +
                $"{(long)layers * classes.Count * mapHeight * mapWidth}.",
                nameof(maps));
        }

        using var picture = Compose(image, maps, mapWidth, mapHeight, classes, options);
        return Picture.Encode(picture);
    }

    private static SKBitmap Compose(
        RgbImage image, ReadOnlySpan<float> maps, int mapWidth, int mapHeight, TissueClasses classes, ActivationSheetOptions options)
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text);
        using var strong = new Lettering(Ink.TextSize, Ink.Text, isBold: true);
        using var heading = new Lettering(Ink.TitleSize, Ink.Text, isBold: true);

        int mapSize = mapHeight * mapWidth, layerSize = classes.Count * mapSize;
        (var tileWidth, var tileHeight) = Pixels.FitInto(image, options.TileSize);
        var tile = Pixels.Resize(image, tileWidth, tileHeight);
        var ranges = new (float Low, float High)[options.Layers.Count];
        for (var layer = 0; layer < ranges.Length; layer++)
        {
            ranges[layer] = HeatMapPicture.Range(maps.Slice(layer * layerSize, layerSize));
        }

        ColorBar[] bars = [.. ranges.Select(range => new ColorBar(range.Low, range.High))];
        int step = tileWidth + Ink.Gap, rowHeight = Math.Max(tileHeight, ColorBar.SmallestHeight);
        int imageLeft = Ink.Margin + LayerWidth, mapsLeft = imageLeft + step, barLeft = mapsLeft + (classes.Count * step);
        var width = barLeft + bars.Max(bar => bar.Width(text)) + Ink.Margin;
        var titleHeight = options.Title is null ? 0 : (int)heading.LineHeight + Ink.Gap;
        var top = Ink.Margin + titleHeight + (int)strong.LineHeight + Ink.Gap;
        var height = top + ((long)ranges.Length * (rowHeight + Ink.Gap)) - Ink.Gap + Ink.Margin;
        Pixels.CheckPictureSize(width, height, $"A sheet of {ranges.Length} layers and {classes.Count} classes", "draw fewer layers or classes, or smaller tiles", nameof(maps));

        var picture = Pixels.Paper(width, (int)height);
        using var canvas = new SKCanvas(picture);
        if (options.Title is { } title)
        {
            heading.DrawCentered(canvas, heading.Fit(title, width - (2 * Ink.Margin)), Ink.Margin, Ink.Margin + (heading.LineHeight / 2));
        }

        var headerCenter = top - Ink.Gap + 2 - (strong.LineHeight / 2);
        strong.DrawCentered(canvas, "image", imageLeft, headerCenter);
        for (var c = 0; c < classes.Count; c++)
        {
            strong.DrawCentered(canvas, strong.Fit(classes.Names[c], tileWidth), mapsLeft + (c * step), headerCenter);
        }

        for (var layer = 0; layer < ranges.Length; layer++)
        {
            strong.DrawCentered(canvas, strong.Fit(options.Layers[layer], LayerWidth - Ink.Gap), Ink.Margin, top + 1 + (strong.CapHeight / 2));
            DrawTile(canvas, tile, imageLeft, top);
            for (var c = 0; c < classes.Count; c++)
            {
                var map = maps.Slice((layer * layerSize) + (c * mapSize), mapSize);
                (var low, var high) = ranges[layer];
                DrawTile(canvas, HeatMapPicture.Blend(tile, map, mapWidth, mapHeight, low, high, options.Opacity), mapsLeft + (c * step), top);
            }

            bars[layer].Draw(canvas, text, barLeft, top, rowHeight);
            top += rowHeight + Ink.Gap;
        }

        return picture;
    }

    private static void DrawTile(SKCanvas canvas, RgbImage tile, int left, int top)
    {
        using var bitmap = Pixels.ToBitmap(tile);
        canvas.DrawBitmap(bitmap, left, top);
        Ink.Frame(canvas, left, top, tile.Width, tile.Height);
    }
}
