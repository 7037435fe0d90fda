using System.Globalization;
using Mlps.ML;
using SkiaSharp;

namespace Mlps.Slides;

/// <summary>Writes a slide's picture as JPEG tiles of all levels. Every pixel of the slide is read once.</summary>
internal static class PictureTiles
{
    /// <summary>Writes the tiles into folders named after the level, the smallest 0.</summary>
    /// <param name="folder">Where to; it must be empty.</param>
    /// <param name="pixels">The slide.</param>
    /// <param name="slide">Its size.</param>
    /// <param name="options">Size of pixels and quality.</param>
    /// <param name="cancellation">Stops between two rows of tiles.</param>
    public static TileLevels Write(string folder, ISlidePixels pixels, SlideDescription slide, ViewerOptions options, CancellationToken cancellation)
    {
        const int Tile = TileLevels.TileSize;
        var downsample = Math.Max(1, options.MicronsPerPixel / slide.MicronsPerPixel);
        var levels = new TileLevels((int)Math.Ceiling(slide.Width / downsample), (int)Math.Ceiling(slide.Height / downsample));
        levels.CreateFolders(folder);
        var pyramid = new TilePyramid(levels.Width, levels.Height, RgbImage.BytesAPixel, Tile, levels.Count, PictureHalving.HalveRow, (level, tileRow, rows, count) =>
        {
            var width = levels.WidthOf(level);
            Parallel.For(0, TilePyramid.Tiles(width, Tile), column =>
                File.WriteAllBytes(levels.PathOf(folder, level, column, tileRow, "jpg"), Encode(rows, width, column * Tile, Math.Min(Tile, width - (column * Tile)), count, options.Quality)));
        });

        var rows = new byte[checked(levels.Width * RgbImage.BytesAPixel * Math.Min(Tile, levels.Height))];
        for (var top = 0; top < levels.Height; top += Tile)
        {
            cancellation.ThrowIfCancellationRequested();
            var (y, count) = (top, Math.Min(Tile, levels.Height - top));
            Parallel.For(0, TilePyramid.Tiles(levels.Width, Tile), new ParallelOptions { CancellationToken = cancellation }, column =>
            {
                var (x, width) = (column * Tile, Math.Min(Tile, levels.Width - (column * Tile)));
                var image = pixels.Read(x * downsample, y * downsample, width, count, downsample);
                for (var line = 0; line < count; line++)
                {
                    image.Pixels.Span.Slice(line * width * RgbImage.BytesAPixel, width * RgbImage.BytesAPixel).CopyTo(rows.AsSpan(((line * levels.Width) + x) * RgbImage.BytesAPixel));
                }
            });
            pyramid.Add(rows.AsSpan(0, count * levels.Width * RgbImage.BytesAPixel));
        }

        return levels;
    }

    private static byte[] Encode(byte[] rows, int stride, int left, int width, int height, int quality)
    {
        var tile = new byte[width * height * RgbImage.BytesAPixel];
        for (var y = 0; y < height; y++)
        {
            rows.AsSpan(((y * stride) + left) * RgbImage.BytesAPixel, width * RgbImage.BytesAPixel).CopyTo(tile.AsSpan(y * width * RgbImage.BytesAPixel));
        }

        using var bitmap = Pixels.ToBitmap(new RgbImage(width, height, tile));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality)
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A tile of {width} x {height} pixels could not be encoded as JPEG."));
        return data.ToArray();
    }
}
