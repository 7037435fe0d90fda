using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mlps.Docs.Tests.Options;

/// <summary>The summaries and remarks of public members, as Markdown, from the XML files that the compiler writes beside assemblies.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members;

    public XmlDocumentation(params IEnumerable<Assembly> assemblies) => _members = assemblies
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .Where(member => member.Attribute("name")!.Value[2..].StartsWith("Mlps.", StringComparison.Ordinal))

        // Internal types that libraries share stand in several of them.
        .DistinctBy(member => member.Attribute("name")!.Value)
        .ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>The summary and remarks of a type.</summary>
    /// <exception cref="KeyNotFoundException">The type has none.</exception>
    public string Summarize(Type type) => Read($"T:{type.FullName}");

    /// <summary>The summary and remarks of a property or field of a type.</summary>
    /// <exception cref="KeyNotFoundException">The member has none.</exception>
    public string Summarize(MemberInfo member) => Read($"{(member is PropertyInfo ? 'P' : 'F')}:{member.DeclaringType!.FullName}.{member.Name}");

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => see.Attribute("langword") is { } word ? $"`{word.Value}`" : $"`{ShortName(see.Attribute("cref")!.Value)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "paramref" } parameter => $"`{parameter.Attribute("name")!.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => string.Empty,
    };

    /// <summary><c>P:A.B.Options.Width</c> as <c>Width</c>, <c>F:A.Kind.One</c> as <c>Kind.One</c>.</summary>
    private static string ShortName(string reference)
    {
        var path = reference[2..].Split('(')[0].Split('.');
        return reference[0] is 'F' ? string.Join('.', path[^2..]) : path[^1];
    }

    private string Read(string key) => Spaces().Replace($"{Text(_members[key].Element("summary")!)} {(_members[key].Element("remarks") is { } remarks ? Text(remarks) : string.Empty)}", " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
