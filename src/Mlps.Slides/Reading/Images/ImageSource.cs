using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>A PNG, JPEG, BMP or WebP file as a slide of one level. It is decoded whole, as these formats have no tiles.</summary>
internal sealed class ImageSource : SlideSource
{
    private const int TileSide = 512;
    private const int BytesPerPixel = 4;

    private readonly MLImage _image;
    private readonly int _width;
    private readonly int _red;

    private ImageSource(MLImage image)
    {
        _image = image;
        _width = image.Width;
        _red = image.PixelFormat is MLPixelFormat.Bgra32 ? 2 : 0;
        Levels = [new SourceLevel(image.Width, image.Height, Math.Min(TileSide, image.Width), Math.Min(TileSide, image.Height))];
    }

    public override SlideBackend Backend => SlideBackend.Image;

    public override IReadOnlyList<SourceLevel> Levels { get; }

    public override IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>();

    public override (double X, double Y)? MicronsPerPixel => null;

    /// <exception cref="SlideException">The file is no image of a known format, is damaged, or has too many pixels.</exception>
    public static ImageSource Open(string path, long maximumPixels)
    {
        try
        {
            using var file = PooledFile.Read(path);
            return new ImageSource(ImageFile.Decode(file.Bytes, path, maximumPixels));
        }
        catch (TissueDataException exception)
        {
            throw new SlideException(
                path, $"It cannot be read as an image: {exception.Rule ?? exception.Message}", "Convert large ones to a pyramid: vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg --bigtiff.", exception);
        }
    }

    public override void ReadTile(int level, int column, int row, Span<byte> rgb)
    {
        var size = Levels[0];
        var (left, top) = (column * size.TileWidth, row * size.TileHeight);
        var (width, height) = (Math.Min(size.TileWidth, size.Width - left), Math.Min(size.TileHeight, size.Height - top));
        var pixels = _image.Pixels;
        rgb.Fill(byte.MaxValue);
        for (var y = 0; y < height; y++)
        {
            var from = (((top + y) * _width) + left) * BytesPerPixel;
            var to = y * size.TileWidth * SourceLevel.RgbBytes;
            for (var x = 0; x < width; x++, from += BytesPerPixel, to += SourceLevel.RgbBytes)
            {
                var alpha = pixels[from + 3];
                rgb[to] = ImagePixels.LayOnWhite(pixels[from + _red], alpha);
                rgb[to + 1] = ImagePixels.LayOnWhite(pixels[from + 1], alpha);
                rgb[to + 2] = ImagePixels.LayOnWhite(pixels[from + 2 - _red], alpha);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _image.Dispose();
        }
    }
}
