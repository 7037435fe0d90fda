namespace Mlps.Slides;

/// <summary>What reads a slide's file.</summary>
public enum SlideBackend
{
    /// <summary>The library OpenSlide, where it is installed: the formats of most scanners.</summary>
    OpenSlide,

    /// <summary>Managed code: tiled, striped and pyramidal TIFF, SVS compressed as JPEG, and OME-TIFF.</summary>
    Tiff,

    /// <summary>Managed code: PNG, JPEG, BMP and WebP as slides of one level.</summary>
    Image,
}
