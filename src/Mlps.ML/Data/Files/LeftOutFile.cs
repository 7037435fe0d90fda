namespace Mlps.ML;

/// <summary>A file or folder that was left out, and why.</summary>
/// <param name="Path">The full path; that of a folder ends with a separator.</param>
/// <param name="Reason">Why.</param>
/// <param name="Explanation">More about it, such as the system's message; empty where the reason says it all.</param>
public sealed record LeftOutFile(string Path, LeftOutReason Reason, string Explanation)
{
    /// <summary>Whether an image may be missing because of it.</summary>
    /// <remarks>True for folders and images that cannot be read, broken links, and names that are not UTF-8.</remarks>
    public bool IsFault => (Reason is LeftOutReason.Unreadable or LeftOutReason.BrokenLink or LeftOutReason.UnreadableName) && MayBeImage;

    private bool MayBeImage => System.IO.Path.EndsInDirectorySeparator(Path) || !System.IO.Path.HasExtension(Path) || ImageFormats.Is(ImageFormats.AnyImage, Path);
}
