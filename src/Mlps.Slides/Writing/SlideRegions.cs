using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Gives a mask's regions to a writer of polygons, in pixels of full resolution.</summary>
internal sealed class SlideRegions
{
    private const int BandHeight = 64;
    private const int IdLength = 16;
    private const int Decimals = 2;
    private const int DecimalsOfFineMasks = 4;
    private const double SquareMicronsPerSquareMillimetre = 1e6;

    private readonly SlideDescription _slide;
    private readonly double _right;
    private readonly double _bottom;
    private readonly double _offsetX;
    private readonly double _offsetY;
    private readonly int _decimals;

    private SlideRegions(IMaskRows rows, SlideDescription slide, AnnotationOptions options)
    {
        _slide = slide;
        (_offsetX, _offsetY) = options.NoCrop ? (slide.BoundsX, slide.BoundsY) : (0L, 0L);
        _right = Limit(rows.Width, slide.Width);
        _bottom = Limit(rows.Height, slide.Height);

        // As QuPath rounds.
        _decimals = slide.MaskScale < 0.5 ? DecimalsOfFineMasks : Decimals;

        // The mask's last pixel may reach beyond the slide; it is cut where it does not lose its middle.
        double Limit(int pixels, long slidePixels) => slidePixels > (pixels - 0.5) * slide.MaskScale ? slidePixels : double.PositiveInfinity;
    }

    /// <summary>Traces a mask.</summary>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="options">Which regions, and how exactly.</param>
    /// <param name="write">Is given each region that is large enough.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static AnnotationCounts ForEach(IMaskRows rows, SlideDescription slide, AnnotationOptions options, Action<SlideRegions, TracedRegion> write, CancellationToken cancellation)
    {
        options = options.Checked();
        var regions = new SlideRegions(rows, slide.Checked(), options);
        long written = 0, leftOut = 0, leftOutPixels = 0;
        var traced = slide.Classes.Count + (options.IncludeBackground && slide.Classes.Background is not null ? 1 : 0);
        var tracer = new RegionTracer(rows.Width, rows.Height, traced, options.Tolerance, region =>
        {
            if (slide.SquareMillimetres(region.Pixels) * SquareMicronsPerSquareMillimetre < options.MinimumArea)
            {
                leftOut++;
                leftOutPixels += region.Pixels;
                return;
            }

            written++;
            write(regions, region);
        });
        MaskBands.ForEach(rows, BandHeight, withProbability: true, (_, _, classes, probability) => tracer.Add(classes, probability), cancellation);
        return new AnnotationCounts(written, leftOut, leftOutPixels);
    }

    /// <summary>The class of a region.</summary>
    public TissueClass ClassOf(TracedRegion region) => region.Value < _slide.Classes.Count ? _slide.Classes[region.Value] : _slide.Classes.Background!;

    /// <summary>Its area in mm².</summary>
    public double Area(TracedRegion region) => _slide.SquareMillimetres(region.Pixels);

    /// <summary>A UUID that depends on the slide's name, the class and the pixels, so that runs over equal masks give equal ones.</summary>
    public Guid Id(TracedRegion region)
    {
        var text = Encoding.UTF8.GetBytes(_slide.Name + "\0" + ClassOf(region).Name);
        Span<byte> numbers = stackalloc byte[4 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, region.First.X);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], region.First.Y);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], region.Pixels);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[24..], BitConverter.DoubleToInt64Bits(_slide.MaskMicronsPerPixel));
        var hash = SHA256.HashData([.. text, .. numbers]).AsSpan(0, IdLength);

        // RFC 9562: version 8, a UUID of the application's own making.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>A point of a ring in pixels of full resolution.</summary>
    public (double X, double Y) Place(GridPoint point) => (
        Math.Round(Math.Min(point.X * 0.5 * _slide.MaskScale, _right) + _offsetX, _decimals),
        Math.Round(Math.Min(point.Y * 0.5 * _slide.MaskScale, _bottom) + _offsetY, _decimals));
}
