using Mlps.ML;

namespace Mlps.Label;

/// <summary>A mask that somebody drew, finished or not.</summary>
/// <remarks>Its indices are those of masks in datasets (0 to C − 1 are tissues, C is background or does not count) and one more, C + 1: no answer yet.</remarks>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Indices">[H, W], row by row.</param>
internal sealed record DrawnMask(int Width, int Height, byte[] Indices)
{
    /// <summary>The index of pixels that nobody has answered: C + 1.</summary>
    public static byte NoAnswer(TissueClasses classes) => (byte)(classes.Count + 1);

    /// <summary>Whether no pixel has an answer.</summary>
    public bool IsEmpty(TissueClasses classes) => Indices.AsSpan().IndexOfAnyExcept(NoAnswer(classes)) < 0;

    /// <summary>Whether every pixel has an answer.</summary>
    public bool IsFinished(TissueClasses classes) => !Indices.Contains(NoAnswer(classes));

    /// <summary>Refuses indices that mean nothing.</summary>
    /// <exception cref="FormatException">A pixel has an index above C + 1.</exception>
    public void Check(TissueClasses classes)
    {
        var stray = Indices.AsSpan().IndexOfAnyExceptInRange((byte)0, NoAnswer(classes));
        if (stray >= 0)
        {
            throw new FormatException($"The pixel ({stray % Width}, {stray / Width}) of the mask has index {Indices[stray]}; {NoAnswer(classes)} is the highest.");
        }
    }
}
