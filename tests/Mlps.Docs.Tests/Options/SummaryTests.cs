using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mlps.ML;
using Mlps.Torch;
using Xunit;

namespace Mlps.Docs.Tests.Options;

/// <summary>The summary of a public member is one sentence, which editors show whole; details are remarks.</summary>
public sealed partial class SummaryTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData(typeof(TissueDataset))]
    [InlineData(typeof(Precision))]
    [InlineData(typeof(Slides.Slide))]
    public void Summaries_OfPublicMembers_AreOneSentence(Type typeOfLibrary)
    {
        var library = typeOfLibrary.Assembly;
        var names = library.GetExportedTypes().SelectMany(type => type.GetMembers(Declared).Select(member => $"{NameOf(type)}.{member.Name.Replace('.', '#')}").Append(NameOf(type))).ToHashSet();
        var summaries = XDocument.Load(Path.ChangeExtension(library.Location, ".xml")).Descendants("member")
            .Select(member => (Name: MemberName().Match(member.Attribute("name")!.Value).Value, Summary: member.Element("summary")))
            .Where(member => member.Summary is not null && names.Contains(member.Name))
            .Select(member => (member.Name, Text: Text(member.Summary!)))
            .ToArray();

        Assert.True(summaries.Length > 100, $"Only {summaries.Length} summaries were found.");
        Assert.All(summaries, member => Assert.False(SecondSentence().IsMatch(member.Text), $"{member.Name}: {member.Text}"));
    }

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    /// <summary>The text, with an X where a reference or code stands: what it holds ends no sentence.</summary>
    private static string Text(XElement summary) => string.Concat(summary.Nodes().Select(node => node is XText text ? text.Value : "X"));

    /// <summary>The part of <c>M:Mlps.ML.Type.Method``1(System.Int32)</c> that tells the member's name.</summary>
    [GeneratedRegex(@"(?<=^\w:)[^(]*?(?=``|\(|$)")]
    private static partial Regex MemberName();

    /// <summary>The end of a sentence with another behind it; <c>et al.</c> ends none.</summary>
    [GeneratedRegex(@"(?<!\bet al)[.!?][)""]?\s+[\p{Lu}\d]")]
    private static partial Regex SecondSentence();
}
