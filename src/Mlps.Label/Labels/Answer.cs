namespace Mlps.Label;

/// <summary>What somebody said of a patch.</summary>
/// <param name="Patch">The patch's key.</param>
/// <param name="Tissues">The tissues that occur, as bits in the order of the classes; null for "cannot say".</param>
/// <param name="At">When it was given, in UTC.</param>
internal sealed record Answer(string Patch, uint? Tissues, DateTimeOffset At)
{
    /// <summary>Whether a tissue occurs.</summary>
    /// <param name="tissue">Its place among the classes.</param>
    public bool Has(int tissue) => ((Tissues ?? 0) >> tissue & 1) == 1;
}
