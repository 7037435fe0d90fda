namespace Mlps.Torch.PseudoMasks;

/// <summary>Which scaling of activation maps belongs to which recipe.</summary>
internal static class MapScalingExtensions
{
    /// <summary>The scaling that is meant: the one given, or the recipe's own.</summary>
    public static MapScaling EffectiveScaling(this Recipe recipe, MapScaling? scaling) =>
        scaling ?? (recipe is Recipe.Reference ? MapScaling.OverAllClasses : MapScaling.OverPresentClasses);

    /// <summary>Throws when the scaling is none, or not one of the recipe's.</summary>
    /// <param name="scaling">The scaling; null for the recipe's own.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="name">The option's name.</param>
    /// <exception cref="ArgumentException">The scaling does not go with the recipe.</exception>
    public static void CheckFor(this MapScaling? scaling, Recipe recipe, string name)
    {
        if (scaling is not { } given)
        {
            return;
        }

        Guard.Defined(given, name);
        if ((given is MapScaling.OverAllClasses) != (recipe is Recipe.Reference))
        {
            throw new ArgumentException(
                $"{name} is {given} and Recipe is {recipe}: the reference recipe scales by {nameof(MapScaling.OverAllClasses)}, and no other does. Leave {name} unset for the recipe's own.");
        }
    }
}
