using Mlps.Testing;

namespace Mlps.Docs.Tests;

/// <summary>Where README.md, docs and src are.</summary>
internal static class Repository
{
    public static string Root => RepositoryFolder.Root;

    /// <summary>The pages, as paths from the root: README.md and docs/*.md.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md").Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string relative) => Path.Combine(Root, relative);
}
