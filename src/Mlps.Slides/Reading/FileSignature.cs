namespace Mlps.Slides;

/// <summary>What a file is, by its first bytes.</summary>
internal enum FileSignature
{
    /// <summary>Something else.</summary>
    Other,

    /// <summary>TIFF, as the files of most scanners are.</summary>
    Tiff,

    /// <summary>PNG, JPEG, BMP or WebP.</summary>
    Image,
}
