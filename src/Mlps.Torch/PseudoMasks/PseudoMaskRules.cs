namespace Mlps.Torch.PseudoMasks;

/// <summary>How activation maps become pseudo masks.</summary>
public sealed record PseudoMaskRules
{
    /// <summary>What counts as white background; null where the tissue classes cover everything (BCSS-WSSS, GlaS).</summary>
    public BackgroundOptions? Background { get; init; } = new();

    /// <summary>Which classes can be chosen.</summary>
    /// <remarks><see cref="Recipe.Default"/>: only those that occur. <see cref="Recipe.Reference"/>: absent ones score 0 and can win a tie, and a constant map gives class 0.</remarks>
    public Recipe Recipe { get; init; }

    /// <summary>How scores are scaled; null for the recipe's own: over the classes that occur, or for <see cref="Recipe.Reference"/> over all.</summary>
    public MapScaling? Scaling { get; init; }

    /// <summary>Whether the layers' scores are averaged, for one mask instead of one for each layer.</summary>
    public bool FuseLayers { get; init; }

    /// <summary>The scaling that is meant.</summary>
    internal MapScaling EffectiveScaling => Recipe.EffectiveScaling(Scaling);

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        Background?.Check();
        Scaling.CheckFor(Recipe, nameof(Scaling));
    }
}
