using System.Text.RegularExpressions;

namespace Mlps.Notebook.Host.Packages;

/// <summary>A line <c>#r "nuget: Name, Version"</c>, which notebook engines understand and the compiler does not.</summary>
internal sealed partial record PackageDirective(string Name, string Version)
{
    public static IEnumerable<PackageDirective> In(string source) => Line.Matches(source).Select(match => new PackageDirective(match.Groups["name"].Value, match.Groups["version"].Value));

    /// <summary>The source without such lines.</summary>
    public static string RemoveFrom(string source) => Line.Replace(source, string.Empty);

    [GeneratedRegex("""^#r\s+"nuget:\s*(?<name>[^,"\s]+)\s*,\s*(?<version>[^"\s]+)\s*"[ \t]*$""", RegexOptions.Multiline)]
    private static partial Regex Line { get; }
}
