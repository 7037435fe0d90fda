namespace Mlps.ML;

/// <summary>
/// The perceptually uniform colour map viridis (Nathaniel Smith and Stéfan van der Walt, public domain), dark violet to yellow.
/// </summary>
internal static class Viridis
{
    // Every ninth part of the published table; between them colours change almost linearly.
    private static readonly TissueColor[] Anchors =
    [
        new(68, 1, 84), new(72, 40, 120), new(62, 73, 137), new(49, 104, 142), new(38, 130, 142),
        new(31, 158, 137), new(53, 183, 121), new(110, 206, 88), new(181, 222, 43), new(253, 231, 37),
    ];

    /// <summary>The colour of a value in [0, 1]; values outside are clamped.</summary>
    internal static TissueColor At(double value)
    {
        var position = Math.Clamp(value, 0, 1) * (Anchors.Length - 1);
        var lower = Math.Min((int)position, Anchors.Length - 2);
        var share = position - lower;
        (var red, var green, var blue) = Anchors[lower];
        (var nextRed, var nextGreen, var nextBlue) = Anchors[lower + 1];
        return new TissueColor(Pixels.Mix(red, nextRed, share), Pixels.Mix(green, nextGreen, share), Pixels.Mix(blue, nextBlue, share));
    }
}
