using System.Buffers;
using System.Globalization;
using Mlps.ML;
using Mlps.Torch;
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
            ParallelLoop.For(TilePyramid.Tiles(width, Tile), column =>
                Encode(levels.PathOf(folder, level, column, tileRow, "jpg"), rows, width, column * Tile, Math.Min(Tile, width - (column * Tile)), count, options.Quality));
        });

        for (var top = 0; top < levels.Height; top += Tile)
        {
            cancellation.ThrowIfCancellationRequested();
            var (y, count) = (top, Math.Min(Tile, levels.Height - top));
            pyramid.Add(count, rows => Read(pixels, levels.Width, y, count, downsample, rows, cancellation));
        }

        return levels;
    }

    private static void Read(ISlidePixels pixels, int width, int top, int count, double downsample, byte[] rows, CancellationToken cancellation) =>
        ParallelLoop.For(
            TilePyramid.Tiles(width, TileLevels.TileSize),
            column =>
            {
                var left = column * TileLevels.TileSize;
                var tileWidth = Math.Min(TileLevels.TileSize, width - left);
                var length = tileWidth * RgbImage.BytesAPixel;
                var tile = ArrayPool<byte>.Shared.Rent(length * count);
                pixels.ReadRegion(left * downsample, top * downsample, tileWidth, count, downsample, tile.AsSpan(0, length * count));
                for (var line = 0; line < count; line++)
                {
                    tile.AsSpan(line * length, length).CopyTo(rows.AsSpan(((line * width) + left) * RgbImage.BytesAPixel));
                }

                ArrayPool<byte>.Shared.Return(tile);
            },
            cancellation);

    private static void Encode(string path, byte[] rows, int stride, int left, int width, int height, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = Pixels.BytesOf(bitmap);
        for (var y = 0; y < height; y++)
        {
            var row = rows.AsSpan(((y * stride) + left) * RgbImage.BytesAPixel, width * RgbImage.BytesAPixel);
            var to = target[(y * bitmap.RowBytes)..];
            for (int from = 0, at = 0; from < row.Length; from += RgbImage.BytesAPixel, at += Pixels.BytesAPixel)
            {
                row.Slice(from, RgbImage.BytesAPixel).CopyTo(to[at..]);
                to[at + RgbImage.BytesAPixel] = byte.MaxValue;
            }
        }

        using var file = File.Create(path);
        if (!bitmap.Encode(file, SKEncodedImageFormat.Jpeg, quality))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A tile of {width} x {height} pixels could not be encoded as JPEG."));
        }
    }
}
