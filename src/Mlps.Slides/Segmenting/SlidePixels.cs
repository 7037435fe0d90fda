using Mlps.ML;

namespace Mlps.Slides;

/// <summary>The picture of an open slide, for the pages that show it.</summary>
internal sealed class SlidePixels(Slide slide) : ISlidePixels
{
    public RgbImage Read(double x, double y, int width, int height, double downsample) => new(width, height, slide.ReadRegion(x, y, width, height, downsample));
}
