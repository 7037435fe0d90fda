using System.Globalization;

namespace Mlps.ML;

/// <summary>Reads small text files that people write, such as <c>dataset.json</c>.</summary>
internal static class HandWrittenFile
{
    /// <summary>Bytes; 254 classes with the longest names fill a tenth of it.</summary>
    public const long MaximumLength = 16 << 20;

    /// <summary>The text of a file.</summary>
    /// <exception cref="FormatException">The file has more than <see cref="MaximumLength"/> bytes, and was not read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadText(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaximumLength)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The file has {file.Length} bytes where {MaximumLength} are the most."));
        }

        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
