using System.Security.Cryptography;
using System.Text;

namespace Mlps.ML;

/// <summary>Unique file names for images, also where case or Unicode form do not count, and short enough for file systems.</summary>
/// <remarks>The same images in the same order get the same names. Not for several threads at once.</remarks>
public sealed class OutputNames
{
    /// <summary>Bytes of a name on common file systems.</summary>
    private const int MaximumBytes = 255;

    private const int HashLength = 8;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>A name that no other image has: as given, or with a number if it is taken.</summary>
    /// <remarks>A name of more than 255 bytes ends with a hash.</remarks>
    /// <param name="name">The image's name, with <c>/</c> between folders, as in the column Name of <see cref="TissueDataset.LoadImages(Microsoft.ML.MLContext, string)"/>.</param>
    /// <param name="extension">The extension that will follow it, such as <c>.png</c>.</param>
    /// <returns>The name without the extension.</returns>
    public string Create(string name, string extension)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(extension);
        var candidate = Fitted(name, string.Empty, extension);
        for (var number = 2; !_taken.Add(Key(candidate)); number++)
        {
            candidate = Fitted(name, $"-{number}", extension);
        }

        return candidate;
    }

    /// <summary>The name with a suffix.</summary>
    /// <remarks>Too long a name loses its end to a hash of itself.</remarks>
    private static string Fitted(string name, string suffix, string extension)
    {
        var folder = name[..(name.LastIndexOf('/') + 1)];
        var file = name[folder.Length..];
        var room = MaximumBytes - Encoding.UTF8.GetByteCount(suffix + extension);
        if (Encoding.UTF8.GetByteCount(file) > room)
        {
            var mark = $"~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)))[..HashLength]}";
            file = Beginning(file, room - mark.Length) + mark;
        }

        return folder + file + suffix;
    }

    /// <summary>As many whole characters as fit into a number of bytes.</summary>
    private static string Beginning(string text, int bytes)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }

    /// <summary>Equal for names that file systems take for one.</summary>
    private static string Key(string name) => NameForm.Compose(name).ToUpperInvariant();
}
