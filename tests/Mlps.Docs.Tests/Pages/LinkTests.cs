using System.Text.RegularExpressions;
using Xunit;

namespace Mlps.Docs.Tests.Pages;

/// <summary>Links within the repository lead somewhere.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages { get; } = new(Repository.Pages);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadToFilesAndHeadings(string page)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        var broken = Link().Matches(File.ReadAllText(Repository.PathOf(page)))
            .Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Leads(page, folder, target))
            .ToArray();

        Assert.Empty(broken);
    }

    [Fact]
    public void More_InReadme_LinksEveryPage()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));

        Assert.All(Repository.Pages.Skip(1), page => Assert.Contains($"({page})", readme, StringComparison.Ordinal));
    }

    private static bool Leads(string page, string folder, string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? Repository.PathOf(page) : Path.GetFullPath(Path.Combine(folder, parts[0]));
        return (File.Exists(path) || Directory.Exists(path)) && (parts.Length == 1 || Anchors(File.ReadAllText(path)).Contains(parts[1]));
    }

    /// <summary>Headings as GitHub makes anchors of them.</summary>
    private static IEnumerable<string> Anchors(string page) =>
        Heading().Matches(page).Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
