using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Which patches are cut from a slide.</summary>
public sealed record SlidePatchOptions
{
    /// <summary>Micrometres along a pixel of the patches; null for the slide's own full-resolution pixels.</summary>
    /// <remarks>Above 0.</remarks>
    public double? MicronsPerPixel { get; init; }

    /// <summary>Side of the patches in their own pixels, at least 1.</summary>
    public int Size { get; init; } = 224;

    /// <summary>Patches of each slide, at least 1.</summary>
    /// <remarks>Default 100; fewer where the tissue has no room for more.</remarks>
    public int PerSlide { get; init; } = 100;

    /// <summary>The part of a patch that must be tissue, 0 to 1.</summary>
    public double LeastTissue { get; init; } = 0.5;

    /// <summary>What counts as tissue; null finds it by <see cref="MaskOptions"/>.</summary>
    public TissueMask? Mask { get; init; }

    /// <summary>How tissue is found where no mask is given.</summary>
    public TissueMaskOptions MaskOptions { get; init; } = new();

    /// <summary>Fixes the choice: the same slide, options and seed give the same patches.</summary>
    public int Seed { get; init; } = 1;

    internal void Check()
    {
        const int LargestSize = 16_384;
        if (MicronsPerPixel is { } mpp)
        {
            Guard.Positive(mpp, nameof(MicronsPerPixel));
        }

        Guard.InRange(Size, 1, LargestSize);
        Guard.AtLeast(PerSlide, 1);
        Guard.InRange(LeastTissue, 0, 1);
        ArgumentNullException.ThrowIfNull(MaskOptions);
        MaskOptions.Check();
    }
}
