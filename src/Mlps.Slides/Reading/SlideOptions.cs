using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>How a slide is opened.</summary>
public sealed record SlideOptions
{
    /// <summary>What reads the file; null chooses OpenSlide where it is installed and takes the file, else managed code.</summary>
    /// <remarks>A back end that is named here is used, or the slide is refused with the reason.</remarks>
    public SlideBackend? Backend { get; init; }

    /// <summary>Micrometres along a full-resolution pixel, whatever the file says; null for the file's own.</summary>
    /// <remarks>Above 0.</remarks>
    public double? MicronsPerPixel { get; init; }

    /// <summary>Micrometres a pixel of single slides, which count before <see cref="MicronsPerPixel"/>; null for none.</summary>
    public MppTable? MicronsPerPixelOf { get; init; }

    /// <summary>Pixels that a slide of one level may have where it is decoded whole (PNG, JPEG, BMP, WebP); at least 1.</summary>
    /// <remarks>Default 2^28, a square of 16,384.</remarks>
    public long MaximumImagePixels { get; init; } = TissueImageLimit;

    /// <summary>Bytes of decoded tiles that are kept for regions that overlap; at least 0.</summary>
    public long CacheBytes { get; init; } = 128L << 20;

    private const long TissueImageLimit = ML.TissueImage.DefaultMaximumPixels;

    internal void Check()
    {
        if (Backend is { } backend)
        {
            Guard.Defined(backend, nameof(Backend));
        }

        if (MicronsPerPixel is { } mpp)
        {
            Guard.Positive(mpp, nameof(MicronsPerPixel));
        }

        Guard.InRange(MaximumImagePixels, 1, ML.TissueImage.DefaultMaximumPixels);
        Guard.NotNegative(CacheBytes);
    }
}
