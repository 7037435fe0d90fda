
namespace Mlps.Torch.PseudoMasks;

/// <summary>How activation maps become pseudo masks.</summary>
internal sealed record PseudoMaskRules
{
    /// <summary>What counts as white background; null where the tissue classes cover everything (BCSS-WSSS, GlaS).</summary>
    public BackgroundOptions? Background { get; init; } = new();

    /// <summary>How scores are scaled, and which classes can be chosen.</summary>
    /// <remarks><see cref="Recipe.Default"/>: scores are scaled over the classes that occur, and only these can be chosen. <see cref="Recipe.Reference"/>: scaled over all classes; absent ones score 0 and can win a tie, and a constant map gives class 0.</remarks>
    public Recipe Recipe { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check() => Background?.Check();
}
