namespace Mlps.Slides;

/// <summary>Values of masks that are no class.</summary>
internal static class MaskValue
{
    /// <summary>No tissue was found here, so no network has looked at it.</summary>
    public const byte NotLookedAt = byte.MaxValue;
}
