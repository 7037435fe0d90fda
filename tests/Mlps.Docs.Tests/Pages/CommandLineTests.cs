using System.Text.RegularExpressions;
using Mlps.ML;
using Xunit;

namespace Mlps.Docs.Tests.Pages;

/// <summary>What pages show beside C#: the options of mlps, and dataset.json.</summary>
public sealed partial class CommandLineTests
{
    private static readonly string _commands = string.Concat(
        Directory.EnumerateFiles(Repository.PathOf("src/Mlps.Cli/Commands"), "*.cs").Select(File.ReadAllText));

    public static TheoryData<string> Pages { get; } = new(Repository.Pages);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Options_OnAPage_Exist(string page)
    {
        var text = File.ReadAllText(Repository.PathOf(page));
        var shown = Command().Matches(text).Select(match => match.Groups[1].Value)
            .Concat(InlineOption().Matches(text).Select(match => match.Value))
            .SelectMany(command => Option().Matches(command))
            .Select(option => option.Value)
            .Distinct();

        Assert.All(shown, option => Assert.Contains($"\"{option}\"", _commands, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_OfReadme_AreFound()
    {
        var commands = Command().Matches(File.ReadAllText(Repository.PathOf("README.md")));

        Assert.Contains(commands, command => command.Value.Contains("--data", StringComparison.Ordinal));
    }

    [Fact]
    public void Manifest_OfYourData_IsRead()
    {
        var block = Assert.Single(CodeBlock.Read(File.ReadAllText(Repository.PathOf("docs/your-data.md"))), block => block.Language == "json");

        var classes = TissueClasses.FromJson(block.Text);

        Assert.Equal(["gland", "stroma"], classes.Names);
        Assert.Equal("glass", classes.Background!.Name);
    }

    [GeneratedRegex("src/Mlps.Cli -- ([^\n`]*)")]
    private static partial Regex Command();

    [GeneratedRegex("`--[a-z][^`]*`")]
    private static partial Regex InlineOption();

    [GeneratedRegex("(?<![\\w-])--[a-z][a-z0-9-]*")]
    private static partial Regex Option();
}
