using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Which parts of a slide count as tissue, at a small scale.</summary>
/// <remarks>Coordinates are full-resolution pixels inside the slide's bounds, as those of <see cref="Slide"/>.</remarks>
public sealed class TissueMask
{
    /// <summary>Less of a pixel of the mask is rounding.</summary>
    private const double Noise = 1e-6;

    private readonly bool[] _mask;
    private readonly int[] _sums;

    internal TissueMask(bool[] mask, int width, int height, double downsampleX, double downsampleY)
    {
        (_mask, Width, Height, DownsampleX, DownsampleY) = (mask, width, height, downsampleX, downsampleY);
        _sums = new int[(width + 1) * (height + 1)];
        for (var y = 0; y < height; y++)
        {
            var row = 0;
            for (var x = 0; x < width; x++)
            {
                row += mask[(y * width) + x] ? 1 : 0;
                _sums[((y + 1) * (width + 1)) + x + 1] = _sums[(y * (width + 1)) + x + 1] + row;
            }
        }
    }

    /// <summary>Pixels in a row of the mask.</summary>
    public int Width { get; }

    /// <summary>Rows of the mask.</summary>
    public int Height { get; }

    /// <summary>Full-resolution pixels along a pixel of the mask.</summary>
    public double DownsampleX { get; }

    /// <summary>Full-resolution pixels down a pixel of the mask.</summary>
    public double DownsampleY { get; }

    /// <summary>The part of the mask that is tissue, 0 to 1.</summary>
    public double Share => (double)_sums[^1] / _mask.Length;

    /// <summary>Whether there is any tissue.</summary>
    public bool IsEmpty => _sums[^1] == 0;

    /// <summary>Whether a pixel of the mask is tissue.</summary>
    /// <param name="x">Column, from 0.</param>
    /// <param name="y">Row, from 0.</param>
    public bool this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _mask[(y * Width) + x];
        }
    }

    /// <summary>Finds tissue by its colour.</summary>
    /// <param name="slide">The slide, whose size of pixels must be known.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="SlideException">The slide's size of pixels is not known, or its file is damaged.</exception>
    public static TissueMask Find(Slide slide, TissueMaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(slide);
        options ??= new TissueMaskOptions();
        options.Check();
        var downsample = Math.Max(1, (double)Math.Max(slide.Width, slide.Height) / options.ThumbnailSize);
        var pixelArea = Math.Pow(slide.RequireMicronsPerPixel() * downsample, 2);
        var (width, height) = (Pixels(slide.Width, downsample), Pixels(slide.Height, downsample));
        var saturation = TissueFilter.Saturation(slide.ReadRegion(0, 0, width, height, downsample), options.DarkestValue);
        var median = TissueFilter.Median(saturation, width, height, options.MedianSize);
        var mask = TissueFilter.Close([.. median.Select(value => value > options.Saturation)], width, height, options.ClosingSize);
        TissueFilter.RemoveObjects(mask, width, height, options.SmallestObject * options.SmallestObject / pixelArea);
        TissueFilter.FillHoles(mask, width, height, options.LargestHole * options.LargestHole / pixelArea);
        return new TissueMask(mask, width, height, downsample, downsample);
    }

    /// <summary>Takes the whole slide for tissue.</summary>
    /// <param name="slide">The slide.</param>
    public static TissueMask Whole(Slide slide)
    {
        ArgumentNullException.ThrowIfNull(slide);
        return new TissueMask([true], 1, 1, slide.Width, slide.Height);
    }

    /// <summary>Takes a picture of the whole slide as its mask: what is not black is tissue.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="path">The picture, of the slide's proportions: PNG, JPEG, BMP, WebP or TIFF.</param>
    /// <exception cref="SlideException">The picture cannot be read, has other proportions than the slide, or is black.</exception>
    public static TissueMask FromImage(Slide slide, string path)
    {
        ArgumentNullException.ThrowIfNull(slide);
        return TissueMaskFile.Read(slide, path);
    }

    /// <summary>Takes regions that were drawn in QuPath, exported as GeoJSON, for tissue.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="path">The file: a FeatureCollection, a Feature, a geometry, or an array of them; also compressed by gzip or zip.</param>
    /// <param name="classes">Names of the classes whose regions count; null for all but those that QuPath ignores, whose names end in <c>*</c>.</param>
    /// <exception cref="SlideException">The file cannot be read, or none of its regions is an area of the slide.</exception>
    public static TissueMask FromRegions(Slide slide, string path, IReadOnlyCollection<string>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(slide);
        return RegionMask.Create(slide, path, classes);
    }

    /// <summary>The part of a region that is tissue, 0 to 1; what lies outside the slide is none.</summary>
    /// <param name="x">Left border in full-resolution pixels.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="width">Width in full-resolution pixels, above 0.</param>
    /// <param name="height">Height.</param>
    public double Covers(double x, double y, double width, double height)
    {
        Torch.Guard.Positive(width);
        Torch.Guard.Positive(height);
        var (left, right) = (x / DownsampleX, (x + width) / DownsampleX);
        var (top, bottom) = (y / DownsampleY, (y + height) / DownsampleY);
        var area = Sum(right, bottom) - Sum(left, bottom) - Sum(right, top) + Sum(left, top);
        return area < Noise ? 0 : Math.Min(1, area / ((right - left) * (bottom - top)));
    }

    /// <summary>The slide in small, with a line around what was chosen.</summary>
    /// <param name="slide">The slide that the mask is of.</param>
    /// <param name="longerSide">Pixels along the longer side, at least 1.</param>
    /// <exception cref="SlideException">The file is damaged.</exception>
    public Picture Draw(Slide slide, int longerSide = 1024)
    {
        ArgumentNullException.ThrowIfNull(slide);
        return TissuePicture.Draw(this, slide.ReadThumbnail(longerSide), slide.Width, slide.Height);
    }

    /// <summary>How many pixels a side has at a scale; the last may reach beyond the slide.</summary>
    internal static int Pixels(int side, double downsample) => Math.Max(1, (int)Math.Ceiling((side / downsample) - Noise));

    /// <summary>Tells masks apart: a hash of size, scale and pixels.</summary>
    internal string Digest()
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Width} {Height} {DownsampleX} {DownsampleY}\n")));
        hash.Append(MemoryMarshal.AsBytes<bool>(_mask));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Whether a full-resolution place is tissue.</summary>
    internal bool At(double x, double y)
    {
        var (column, row) = ((int)Math.Floor(x / DownsampleX), (int)Math.Floor(y / DownsampleY));
        return (uint)column < (uint)Width && (uint)row < (uint)Height && _mask[(row * Width) + column];
    }

    /// <summary>Tissue above and to the left of a place, in pixels of the mask.</summary>
    private double Sum(double x, double y)
    {
        var (column, right) = Place(x, Width);
        var (row, below) = Place(y, Height);
        var at = (row * (Width + 1)) + column;
        var upper = _sums[at] + (right == 0 ? 0 : right * (_sums[at + 1] - _sums[at]));
        return below == 0 ? upper : upper + (below * (_sums[at + Width + 1] + (right == 0 ? 0 : right * (_sums[at + Width + 2] - _sums[at + Width + 1])) - upper));
    }

    private static (int Whole, double Part) Place(double position, int count)
    {
        var inside = Math.Clamp(position, 0, count);
        var whole = (int)inside;
        return (whole, inside - whole);
    }
}
