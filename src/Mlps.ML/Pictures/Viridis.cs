namespace Mlps.ML;

/// <summary>
/// The perceptually uniform colour map viridis (Nathaniel Smith and Stéfan van der Walt, public domain), dark violet to yellow.
/// </summary>
internal static class Viridis
{
    // Every ninth part of the published table; between them colours change almost linearly.
    private static readonly (byte Red, byte Green, byte Blue)[] anchors =
    [
        (68, 1, 84), (72, 40, 120), (62, 73, 137), (49, 104, 142), (38, 130, 142),
        (31, 158, 137), (53, 183, 121), (110, 206, 88), (181, 222, 43), (253, 231, 37),
    ];

    /// <summary>The colour of a value in [0, 1]; values outside are clamped.</summary>
    internal static (byte Red, byte Green, byte Blue) At(double value)
    {
        double position = Math.Clamp(value, 0, 1) * (anchors.Length - 1);
        int lower = Math.Min((int)position, anchors.Length - 2);
        double share = position - lower;
        (byte red, byte green, byte blue) = anchors[lower];
        (byte nextRed, byte nextGreen, byte nextBlue) = anchors[lower + 1];
        return (Pixels.Mix(red, nextRed, share), Pixels.Mix(green, nextGreen, share), Pixels.Mix(blue, nextBlue, share));
    }
}
