using System.Text.RegularExpressions;

namespace Mlps.ML;

/// <summary>Which slide or source image a patch was cut from, as far as its name tells.</summary>
internal static partial class PatchSource
{
    /// <summary>
    /// The name without its label and without the coordinates behind it: <c>_xmin…</c>, or two numbers at the end. <c>387700-9108-71176-[1 0 0 1]</c> is from <c>387700</c>. A name that ends in neither
    /// is a source of its own.
    /// </summary>
    public static string Of(string name)
    {
        var unlabelled = Label().Replace(name, string.Empty);
        var coordinates = Coordinates().Match(unlabelled);
        return coordinates.Success && coordinates.Index > 0 ? unlabelled[..coordinates.Index] : unlabelled;
    }

    [GeneratedRegex(@"[-+_ ]?\d*\[[01, ]*\]$")]
    private static partial Regex Label();

    [GeneratedRegex(@"([-_+]xmin.*|[-_+]\d+[-_+]\d+)$")]
    private static partial Regex Coordinates();
}
