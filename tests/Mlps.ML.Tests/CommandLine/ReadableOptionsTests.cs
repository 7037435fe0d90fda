using System.CommandLine;
using Mlps.Cli.Commands;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Values that are not of their option's type, for every option of every command.</summary>
public sealed class ReadableOptionsTests
{
    /// <summary>The words before each option whose values are numbers or names of a list.</summary>
    public static TheoryData<string> TypedOptions => [.. Typed(RootCommandLine.Create(), [])];

    [Theory]
    [MemberData(nameof(TypedOptions))]
    public void Value_OfNoUse_IsNamedAndNotRead(string option)
    {
        var words = option.Split(' ');

        Assert.All((string[])["x", "3.5.1", "0,5", "1,000", "99999999999999999999", ""], value =>
        {
            var errors = RootCommandLine.Create().Parse([.. words, value]).Errors.Select(error => error.Message).ToArray();

            if (value.StartsWith('9') && IsDouble(words))
            {
                return;
            }

            Assert.Contains(errors, error => error.StartsWith($"{words[^1]} is '{value}'; it must be ", StringComparison.Ordinal));
            Assert.All(errors, error => Assert.DoesNotContain("System.", error, StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(TypedOptions))]
    public void Option_WithoutItsValue_IsRefused(string option)
    {
        var words = option.Split(' ');
        var errors = RootCommandLine.Create().Parse(words).Errors.Where(error => error.Message.Contains(words[^1], StringComparison.Ordinal));

        Assert.Equal(Find(words).Arity.MinimumNumberOfValues > 0, errors.Any());
    }

    [Fact]
    public void Rule_OfAnOption_StillHolds() =>
        Assert.Contains(RootCommandLine.Create().Parse(["train", "--batch-size", "0"]).Errors, error => error.Message == "--batch-size is 0; it must be at least 1.");

    /// <summary>Options that would be passed over in silence.</summary>
    [Theory]
    [InlineData("--new-heads means nothing without --classifier-weights or --segmenter-weights; give that too.", "train", "--data", "d", "--model", "m", "--new-heads")]
    [InlineData("--candidates means nothing without --model; give that too.", "label", "--patches", "p", "--candidates", "5")]
    [InlineData("--share means nothing without --import-regions; give that too.", "label", "--patches", "p", "--share", "0.5")]
    [InlineData("--person means nothing without --import or --import-regions or --export; give that too.", "label", "--patches", "p", "--person", "Anna")]
    [InlineData("--copy means nothing without --export; give that too.", "label", "--patches", "p", "--copy")]
    public void OptionWithoutWhatItBelongsTo_IsRefused(string message, params string[] words)
    {
        Assert.Equal([message], RootCommandLine.Create().Parse(words).Errors.Select(error => error.Message));
        Assert.Empty(RootCommandLine.Create().Parse(["label", "--patches", "p", "--export", "e", "--copy", "--person", "Anna"]).Errors);
    }

    private static IEnumerable<string> Typed(Command command, string[] words) =>
        [
            .. command.Options.Where(option => IsTyped(option.ValueType)).Select(option => string.Join(' ', [.. words, option.Name])),
            .. command.Subcommands.SelectMany(subcommand => Typed(subcommand, [.. words, subcommand.Name])),
        ];

    private static bool IsTyped(Type type) => (Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type) is { } plain && (plain == typeof(int) || plain == typeof(double) || plain.IsEnum);

    private static bool IsDouble(string[] words) => Find(words).ValueType is var type && (type == typeof(double) || type == typeof(double?) || type == typeof(double[]));

    private static Option Find(string[] words)
    {
        Command command = RootCommandLine.Create();
        foreach (var word in words[..^1])
        {
            command = command.Subcommands.Single(subcommand => subcommand.Name == word);
        }

        return command.Options.Single(option => option.Name == words[^1]);
    }
}
