namespace Mlps.Slides;

/// <summary>Tells files apart by their first bytes and the ends of their names.</summary>
internal static class FileSignatures
{
    private const int Length = 12;

    /// <summary>Formats that are no TIFF, and that OpenSlide reads in some release.</summary>
    private static readonly HashSet<string> _openSlideOnly = new(StringComparer.OrdinalIgnoreCase) { ".mrxs", ".vms", ".vmu", ".czi", ".dcm" };

    /// <summary>Names that slides have, whatever their contents.</summary>
    private static readonly HashSet<string> _slides = new(StringComparer.OrdinalIgnoreCase)
    {
        ".svs", ".svslide", ".ndpi", ".scn", ".bif", ".qptiff", ".tif", ".tiff", ".btf", ".tf2", ".tf8", ".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".jif", ".bmp", ".webp",
    };

    /// <summary>Looks at a file's first bytes.</summary>
    /// <exception cref="SlideException">It cannot be read.</exception>
    public static FileSignature Read(string path)
    {
        Span<byte> start = stackalloc byte[Length];
        try
        {
            using var file = File.OpenHandle(path);
            start = start[..RandomAccess.Read(file, start, 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, $"The file cannot be read: {exception.Message}", "Check that it may be read.", exception);
        }

        return IsTiff(start) ? FileSignature.Tiff : IsImage(start) ? FileSignature.Image : FileSignature.Other;
    }

    /// <summary>Whether only OpenSlide reads files of this name.</summary>
    public static bool NeedsOpenSlide(string path) => _openSlideOnly.Contains(Path.GetExtension(path));

    /// <summary>Whether a file of this name should be a slide.</summary>
    public static bool IsSlideName(string path) => _slides.Contains(Path.GetExtension(path)) || NeedsOpenSlide(path);

    private static bool IsTiff(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x49, 0x49, 42, 0]) || start.StartsWith((ReadOnlySpan<byte>)[0x49, 0x49, 43, 0])
        || start.StartsWith((ReadOnlySpan<byte>)[0x4D, 0x4D, 0, 42]) || start.StartsWith((ReadOnlySpan<byte>)[0x4D, 0x4D, 0, 43]);

    private static bool IsImage(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || start.StartsWith("BM"u8)
        || (start.StartsWith("RIFF"u8) && start.Length >= Length && start[8..].StartsWith("WEBP"u8));
}
