namespace Mlps.ML;

/// <summary>Whether names tell of slides: where nearly every patch counts as a slide of its own, they probably do not.</summary>
internal static class SourceCheck
{
    /// <summary>Fewer patches say nothing.</summary>
    private const int FewestPatches = 10;

    /// <summary>A warning; null where the slides look right, or the user said how they are told.</summary>
    /// <param name="sources">The slide of each patch.</param>
    /// <param name="patches">The patches.</param>
    public static string? Warning(string[] sources, TissuePatch[] patches)
    {
        var groups = sources.CountBy(source => source, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var alone = groups.Values.Count(size => size == 1);
        var example = Math.Max(0, Array.FindIndex(sources, source => groups[source] == 1));
        return sources.Length >= FewestPatches && (alone * 2 > sources.Length || groups.Count * 3 > sources.Length * 2)
            ? FormattableString.Invariant(
                $"By their names, the {sources.Length} patches come from {groups.Count} slides, and {alone} of them are the only one of their slide, such as '{patches[example].Name}' of '{sources[example]}'. ")
            + "If slides have more patches than that, a validation fraction or a split by Source puts patches of one slide on both sides: "
            + "tell slides by \"sourcePattern\" in dataset.json, by TissueDatasetOptions.SourcePattern, or by train --source-pattern."
            : null;
    }
}
