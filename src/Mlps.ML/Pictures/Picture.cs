using System.Globalization;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>
/// A finished picture, encoded as PNG.
/// </summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class Picture : IHtml
{
    private readonly byte[] _png;

    private Picture(int width, int height, byte[] png)
    {
        Width = width;
        Height = height;
        _png = png;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The PNG file's bytes.</summary>
    public ReadOnlyMemory<byte> Png => _png;

    /// <summary>Writes the PNG file; an existing file is replaced only once the new one is complete.</summary>
    /// <param name="path">The file; its folder is created where it does not exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full) ?? throw new ArgumentException($"'{path}' is not the path of a file.", nameof(path));
        Directory.CreateDirectory(folder);
        OutputFile.Write(full, _png);
    }

    /// <summary>An <c>img</c> element that holds the PNG file in base64.</summary>
    /// <param name="description">What a reader who cannot see it is told; nothing if null.</param>
    internal string Html(string? description) => string.Create(
        CultureInfo.InvariantCulture, $"<img width=\"{Width}\" height=\"{Height}\" alt=\"{HtmlText.Escape(description ?? string.Empty)}\" src=\"data:image/png;base64,{Convert.ToBase64String(_png)}\">");

    string IHtml.Draw() => Html(description: null);

    internal static Picture Encode(RgbImage image)
    {
        using var bitmap = Pixels.ToBitmap(image);
        return Encode(bitmap);
    }

    internal static Picture Encode(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100)
            ?? throw new InvalidOperationException($"A picture of {bitmap.Width} x {bitmap.Height} pixels could not be encoded as PNG.");
        return new Picture(bitmap.Width, bitmap.Height, data.ToArray());
    }
}
