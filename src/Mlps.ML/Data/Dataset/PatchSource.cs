using System.Text.RegularExpressions;

namespace Mlps.ML;

/// <summary>Which slide or source image a patch was cut from, as far as its name tells. docs/your-data.md has the rules as a table.</summary>
internal static partial class PatchSource
{
    /// <summary>Milliseconds; names have a few hundred letters, with which no pattern here takes one.</summary>
    private const int Limit = 5000;

    /// <summary>The name of a patch without its label and its place in the slide: <c>387700-9108-71176-[1 0 0 1]</c> is from <c>387700</c>.</summary>
    /// <remarks>A name without a place, or with nothing else, is a source of its own.</remarks>
    /// <exception cref="RegexMatchTimeoutException">A pattern takes seconds with the name.</exception>
    public static string Parse(string name)
    {
        var unlabelled = Label().Replace(name, string.Empty);
        if (Before(Place(), unlabelled) is { } placed)
        {
            // Places in words leave no doubt, so numbers before them belong to the slide.
            return Before(Number(), placed) ?? Before(Level(), placed) ?? placed;
        }

        return Before(Number(), unlabelled) ?? BeforePair(unlabelled) ?? WithoutCount(unlabelled, name.AsSpan(unlabelled.Length));
    }

    /// <summary>What stands before a match; null where there is none, or nothing before it.</summary>
    private static string? Before(Regex pattern, string name) =>
        pattern.Match(name) is { Success: true, Index: > 0 } match ? name[..match.Index] : null;

    /// <summary>Two numbers alone may be of the slide's name: those of a TCGA patient are.</summary>
    private static string? BeforePair(string name) =>
        Pair().Match(name) is { Success: true, Index: > 0 } match && match.Index >= Patient().Match(name).Length ? name[..match.Index] : null;

    /// <summary>A number right before the label's bracket, as in <c>tissue-7[10]</c>, counts patches.</summary>
    private static string WithoutCount(string name, ReadOnlySpan<char> label) =>
        label is ['[', ..] && Count().Match(name) is { Success: true } match && match.Index > 0 && match.Index >= Patient().Match(name).Length ? name[..match.Index] : name;

    /// <summary>The label, and BCSS-WSSS's count before it: <c>-[1 0]</c>, <c>+0[10]</c>.</summary>
    [GeneratedRegex(@"(\+\d+)?[-+_ ]?\[[01, ]*\]$", RegexOptions.CultureInvariant, Limit)]
    private static partial Regex Label();

    /// <summary>A place by words or in brackets, and all behind it.</summary>
    [GeneratedRegex(
        """
        [-_+]xmin.*$                                                                              # BCSS-WSSS: _xmin45749_ymin25055_MPP-0.2500
        | [-_+\ ]*\[(?=[^\]]*\bx=)(?=[^\]]*\by=)[^\]]*\].*$                                       # QuPath: [d=2,x=0,y=448,w=224,h=224]
        | [-_+\ (\[,]+x[-_=\ ]{0,2}-?\d+(\.\d+)?[-_+\ ,;]*y[-_=\ ]{0,2}-?\d+.*$                   # CLAM: _x_1024_y_2048; _x1024_y2048
        | [-_+\ (\[,]+y[-_=\ ]{0,2}-?\d+(\.\d+)?[-_+\ ,;]*x[-_=\ ]{0,2}-?\d+.*$
        | [-_+\ (\[,]+r(ow)?[-_=\ ]{0,2}\d+[-_+\ ,;]*c(ol(umn)?)?[-_=\ ]{0,2}\d+.*$               # _Row_1_Col_2, _r3_c17
        | [-_+\ (\[,]+c(ol(umn)?)?[-_=\ ]{0,2}\d+[-_+\ ,;]*r(ow)?[-_=\ ]{0,2}\d+.*$
        | [-_+\ ]+i[-_=\ ]{0,2}\d+[-_+\ ,;]+j[-_=\ ]{0,2}\d+.*$                                   # _i3_j17
        | [-_+\ ]*[(\[]\s*-?\d+(\s*[,;_x]\s*-?\d+|\s+-?\d+)+\s*[)\]].*$                           # (1024,2048)
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace, Limit)]
    private static partial Regex Place();

    /// <summary>The number of a patch or tile, and numbers behind it: <c>_patch00017</c>, histolab's <c>_tile_5_level2_224-224-448-448</c>.</summary>
    [GeneratedRegex(
        @"([-_+ ]+(level|lvl|mag)[-_= ]?\d+x?)?[-_+ ]+(tile|patch|crop)(es|s)?[-_= ]?\d+([-_+ ]+((level|lvl|mag)[-_= ]?)?\d+x?)*$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, Limit)]
    private static partial Regex Number();

    [GeneratedRegex(@"[-_+ ]+(level|lvl)[-_= ]?\d+$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, Limit)]
    private static partial Regex Level();

    /// <summary>Two numbers at the end: <c>-9108-71176</c>, <c>_12_34</c>, <c>_12,34</c>, <c>_12x34</c>.</summary>
    [GeneratedRegex(@"[-_+](\d+[-_+]\d+|\d+, ?\d+|\d+x\d+)$", RegexOptions.CultureInvariant, Limit)]
    private static partial Regex Pair();

    [GeneratedRegex(@"[-+_ ]\d+$", RegexOptions.CultureInvariant, Limit)]
    private static partial Regex Count();

    [GeneratedRegex("^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}(?![A-Z0-9])", RegexOptions.CultureInvariant, Limit)]
    private static partial Regex Patient();
}
