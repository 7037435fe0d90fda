namespace Mlps.Slides;

/// <summary>A slide's mask, of which any rows can be read by several threads at a time. Nothing holds the whole of it.</summary>
internal interface IMaskRows
{
    /// <summary>Pixels a row, at the mask's size of pixels.</summary>
    int Width { get; }

    /// <summary>Rows.</summary>
    int Height { get; }

    /// <summary>Reads whole rows.</summary>
    /// <param name="y">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="classes">[count, Width]: 0..C-1 a tissue, C background, <see cref="MaskValue.NotLookedAt"/> where there is no tissue to look at.</param>
    /// <param name="probability">[count, Width]: the probability of the class that is shown, 0..255 for 0..1; empty where it is not needed.</param>
    void Read(int y, int count, Span<byte> classes, Span<byte> probability);
}
