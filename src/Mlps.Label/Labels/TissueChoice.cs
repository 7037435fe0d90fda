using Mlps.ML;

namespace Mlps.Label;

/// <summary>Tissues that somebody names at a start, and how much of them was said.</summary>
/// <param name="Classes">The tissues, with colours that were chosen for them where none were given.</param>
/// <param name="HasColors">Whether the colours were given.</param>
/// <param name="HasBackground">Whether the background was given.</param>
internal sealed record TissueChoice(TissueClasses Classes, bool HasColors, bool HasBackground)
{
    /// <summary>The tissues where the folder has these already: what was not given stays as it is stored.</summary>
    /// <param name="stored">Tissues of the same names.</param>
    /// <exception cref="ArgumentException">A colour or a name that was given is that of another stored class.</exception>
    public TissueClasses Over(TissueClasses stored) => new(HasColors ? Classes : stored, HasBackground ? Classes.Background : stored.Background);
}
