using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>Names of people who label, and the files that their labels are in.</summary>
/// <remarks>A name comes from a browser and never becomes a path: a file's name holds only letters a to z and digits of it, and a digest.</remarks>
internal static class PersonName
{
    /// <summary>Characters that a name may have.</summary>
    public const int MaximumLength = 60;

    private const int LongestInFile = 24;
    private const int DigestLength = 12;

    /// <summary>The name as it is stored: in Unicode's normalization form C, with single spaces.</summary>
    /// <exception cref="FormatException">It is empty, too long, or holds characters that cannot be seen.</exception>
    public static string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = string.Join(' ', NameForm.Compose(name).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return plain.Length == 0 ? throw new FormatException("Give a name: labels are kept for each person.")
            : plain.Length > MaximumLength ? throw new FormatException($"A name may have {MaximumLength} characters; '{ShortText.Of(plain)}' has {plain.Length}.")
            : plain.EnumerateRunes().Any(IsUnseen) ? throw new FormatException("A name may not hold characters that cannot be seen.")
            : plain;
    }

    /// <summary>Equal for names that are the same person's: upper and lower case do not count.</summary>
    public static string Key(string name) => name.ToUpperInvariant();

    /// <summary>The name of the person's file, without a folder.</summary>
    public static string FileName(string name)
    {
        var letters = new string([.. name.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(LongestInFile)]);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(name))))[..DigestLength];
        return $"{(letters.Length == 0 ? "person" : letters)}-{digest}{PersonLog.Extension}";
    }

    private static bool IsUnseen(Rune rune) =>
        rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
}
