namespace Mlps.Torch.PseudoMasks;

/// <summary>How the activation maps of a patch's classes are made comparable before the highest one is taken at each pixel.</summary>
public enum MapScaling
{
    /// <summary>All classes that occur are scaled together: their lowest value in the patch becomes 0, their highest 1.</summary>
    /// <remarks>A class whose map is weak throughout is nowhere the highest.</remarks>
    OverPresentClasses,

    /// <summary>Each class that occurs is scaled by itself: negative values become 0, and the rest is divided by the map's own maximum over the patch.</summary>
    /// <remarks>
    /// As class activation maps are normalised for weakly supervised segmentation (Ahn and Kwak 2018, section 3.1). A map that is nowhere positive is 0 everywhere. Where no class is above 0, the pixel goes to the
    /// class with the highest value before scaling.
    /// </remarks>
    PerClass,

    /// <summary>The published code's: all classes are scaled together, those that do not occur among them; these score 0.</summary>
    /// <remarks>For <see cref="Recipe.Reference"/>, and for it alone.</remarks>
    OverAllClasses,

    /// <summary>As <see cref="PerClass"/>, but divided by the mean of the rest over the patch: every class that occurs gets the same sum.</summary>
    /// <remarks>A class whose map has one sharp peak is not pushed back by one that is even.</remarks>
    PerClassMean,
}
