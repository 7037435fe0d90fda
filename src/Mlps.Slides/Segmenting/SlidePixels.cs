namespace Mlps.Slides;

/// <summary>The picture of an open slide, for the pages that show it.</summary>
internal sealed class SlidePixels(Slide slide) : ISlidePixels
{
    public void ReadRegion(double x, double y, int width, int height, double downsample, Span<byte> rgb) => slide.ReadRegion(x, y, width, height, downsample, rgb);
}
