using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>Typefaces of the machine for letters that the embedded typeface lacks.</summary>
/// <remarks>
/// The Skia build for Linux without fontconfig lists the fonts in /usr/share/fonts but cannot say which of them has a letter, so they are tried one after another.
/// Fonts that a user keeps in other folders are tried last.
/// </remarks>
internal static class FallbackTypefaces
{
    private const int FolderDepth = 6;

    private static readonly string[] FontFiles = [".ttf", ".otf", ".ttc"];

    private static readonly Lazy<string[]> Families = new(() =>
        [.. SKFontManager.Default.FontFamilies.Distinct().OrderBy(Preference).ThenBy(name => name, StringComparer.Ordinal)]);

    private static readonly Lazy<string[]> OwnFonts = new(() => [.. FontFolders().SelectMany(FilesIn)]);

    private static readonly ConcurrentDictionary<(string Cluster, bool Bold), SKTypeface?> Known = new();

    /// <summary>A typeface of the machine that has every letter of a cluster; null where there is none.</summary>
    /// <param name="cluster">What a reader sees as one letter: a letter with its accents, or an emoji of several parts.</param>
    /// <param name="bold">Whether bold letters are preferred.</param>
    internal static SKTypeface? For(string cluster, bool bold) => Known.GetOrAdd((cluster, bold), static key => Find(key.Cluster, key.Bold));

    /// <summary>Whether a typeface has every letter of a cluster that leaves a mark of its own.</summary>
    internal static bool Covers(SKTypeface typeface, string cluster)
    {
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (!IsInvisible(rune) && !typeface.ContainsGlyph(rune.Value))
            {
                return false;
            }
        }

        return true;
    }

    private static SKTypeface? Find(string cluster, bool bold)
    {
        var first = cluster.EnumerateRunes().FirstOrDefault(rune => !IsInvisible(rune));
        var style = bold ? SKFontStyle.Bold : SKFontStyle.Normal;
        IEnumerable<SKTypeface?> candidates =
        [
            SKFontManager.Default.MatchCharacter(null, style, null, first.Value),
            .. Known.Where(known => known.Key.Bold == bold).Select(known => known.Value),
        ];
        return candidates
            .Concat(Families.Value.Select(family => SKFontManager.Default.MatchFamily(family, style)))
            .Concat(OwnFonts.Value.Select(file => SKTypeface.FromFile(file)))
            .FirstOrDefault(candidate => candidate is not null && Covers(candidate, cluster));
    }

    /// <summary>Sans-serif letters go with the embedded ones.</summary>
    private static int Preference(string family) =>
        family.Contains("Sans", StringComparison.OrdinalIgnoreCase) ? 0 : family.Contains("Serif", StringComparison.OrdinalIgnoreCase) ? 2 : 1;

    /// <summary>Joiners, direction marks and variation selectors: they shape other letters and need none of their own.</summary>
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format || rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Where fonts lie that Skia's list does not have: those of the user, and those installed without the package manager.</summary>
    private static IEnumerable<string> FontFolders()
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        foreach (var data in (Environment.GetEnvironmentVariable("XDG_DATA_DIRS") ?? "/usr/local/share").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Append(Environment.GetEnvironmentVariable("XDG_DATA_HOME") ?? Path.Combine(home, ".local/share")))
        {
            if (Path.TrimEndingDirectorySeparator(data) != "/usr/share")
            {
                yield return Path.Combine(data, "fonts");
            }
        }

        yield return Path.Combine(home, ".fonts");
    }

    private static IEnumerable<string> FilesIn(string folder)
    {
        // Links to folders are not followed, so that every walk ends.
        var walk = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = FolderDepth, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device, IgnoreInaccessible = true };
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder, "*", walk).Where(file => FontFiles.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)]
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
