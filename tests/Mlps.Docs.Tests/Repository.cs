using System.Runtime.CompilerServices;

namespace Mlps.Docs.Tests;

/// <summary>Where README.md, docs and src are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The pages, as paths from the root: README.md and docs/*.md.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md").Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string FindRoot([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
