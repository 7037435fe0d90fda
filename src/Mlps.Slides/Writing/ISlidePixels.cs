namespace Mlps.Slides;

/// <summary>A slide's picture, of which any part can be read at any size by several threads at a time.</summary>
internal interface ISlidePixels
{
    /// <summary>Reads a part of the slide.</summary>
    /// <param name="x">Left edge in pixels of full resolution, within the slide's bounds.</param>
    /// <param name="y">Top edge, likewise.</param>
    /// <param name="width">Width of the result in pixels.</param>
    /// <param name="height">Height of the result in pixels.</param>
    /// <param name="downsample">Pixels of full resolution for each pixel of the result, at least 1.</param>
    /// <param name="rgb">Receives red, green and blue: [height, width, 3]; white beyond the slide.</param>
    void ReadRegion(double x, double y, int width, int height, double downsample, Span<byte> rgb);
}
