using System.Globalization;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>The colour that stands for a tissue in masks and pictures: 8-bit sRGB.</summary>
/// <param name="Red">0..255.</param>
/// <param name="Green">0..255.</param>
/// <param name="Blue">0..255.</param>
public readonly record struct TissueColor(byte Red, byte Green, byte Blue)
{
    private const int HexDigits = 6;

    /// <summary>(255, 255, 255).</summary>
    public static TissueColor White { get; } = new(255, 255, 255);

    /// <summary>Reads <c>#RRGGBB</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static TissueColor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == HexDigits + 1
            && text[0] == '#'
            && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return new TissueColor((byte)(value >> 16), (byte)(value >> 8), (byte)value);
        }

        throw new FormatException($"'{ShortText.Of(text)}' is no colour; expected #RRGGBB, such as #CD3333.");
    }

    /// <summary>The colour as <c>#RRGGBB</c>.</summary>
    public override string ToString() => $"#{Red:X2}{Green:X2}{Blue:X2}";
}
