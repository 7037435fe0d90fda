namespace Mlps.Slides;

/// <summary>The places of all tiles of a slide: rows and columns that begin at its top left and cover all of it.</summary>
/// <param name="Size">Side of the tiles in their own pixels.</param>
/// <param name="Stride">From one tile to the next, in the tiles' pixels.</param>
/// <param name="Downsample">Full-resolution pixels along a pixel of the tiles.</param>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Rows">Rows of tiles.</param>
public sealed record TileGrid(int Size, int Stride, double Downsample, int Columns, int Rows)
{
    /// <summary>Parts of a pixel that are rounding.</summary>
    private const double Noise = 1e-6;

    /// <summary>Side of the tiles in full-resolution pixels.</summary>
    public double FullSize => Size * Downsample;

    /// <summary>Lays a grid over a slide.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="SlideException">A size of pixels is requested, and the slide's own is not known.</exception>
    public static TileGrid Create(Slide slide, TileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(slide);
        options ??= new TileOptions();
        options.Check();
        var downsample = options.MicronsPerPixel is { } mpp ? slide.DownsampleAt(mpp) : 1;
        var stride = Math.Max(1, (int)Math.Round(options.Size * (1 - options.Overlap)));
        return new TileGrid(options.Size, stride, downsample, Count(slide.Width), Count(slide.Height));

        int Count(int side) => 1 + Math.Max(0, (int)Math.Ceiling(((side / downsample) - options.Size - Noise) / stride));
    }

    /// <summary>Left border of a column in full-resolution pixels.</summary>
    /// <param name="column">The column, from 0.</param>
    public double X(int column) => (double)column * Stride * Downsample;

    /// <summary>Upper border of a row in full-resolution pixels.</summary>
    /// <param name="row">The row, from 0.</param>
    public double Y(int row) => (double)row * Stride * Downsample;
}
