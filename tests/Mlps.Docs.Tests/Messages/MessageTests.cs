using Mlps.Docs.Tests.Pages;
using Xunit;

namespace Mlps.Docs.Tests.Messages;

/// <summary>The pages quote messages as the library writes them.</summary>
public sealed class MessageTests(ReadersFolder folder) : IClassFixture<ReadersFolder>
{
    private const string Page = "docs/troubleshooting.md";

    public static TheoryData<string, string> Quoted { get; } = QuotedOn(Page, "docs/libtorch.md");

    /// <summary>Messages that are seen by making the mistake.</summary>
    public static TheoryData<string> Provoked { get; } = new(Mistakes.All.Keys);

    [Theory]
    [MemberData(nameof(Quoted))]
    public void Message_OnAPage_IsProvokedOrInTheSources(string page, string message) => Assert.True(
        Mistakes.All.ContainsKey(message) || SourceTexts.All.Any(text => text.Contains(message.Trim(QuotedMessages.Anything), StringComparison.Ordinal)),
        $"{page} quotes '{message}', which no text in src holds, and no test provokes.");

    [Theory]
    [MemberData(nameof(Provoked))]
    public void Message_OfAMistake_IsTheQuotedOne(string message)
    {
        Assert.Contains(message, QuotedMessages.Read(Page));
        var copy = folder.Copy();
        try
        {
            var error = Assert.ThrowsAny<Exception>(() => Mistakes.All[message](new Mistakes(copy))).GetBaseException();

            Assert.True(QuotedMessages.Holds(error.Message, message), $"'{error.Message}' is not '{message}'.");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void SourceTexts_OfTheLibrary_HoldItsMessagesAndNoOthers()
    {
        Assert.Contains(SourceTexts.All, text => text.Contains("The label […] has … digits, and the dataset has … classes", StringComparison.Ordinal));
        Assert.DoesNotContain(SourceTexts.All, text => text.Contains("The moon is made of cheese.", StringComparison.Ordinal));
    }

    private static TheoryData<string, string> QuotedOn(params string[] pages)
    {
        var data = new TheoryData<string, string>();
        foreach (var page in pages)
        {
            foreach (var message in QuotedMessages.Read(page))
            {
                data.Add(page, message);
            }
        }

        return data;
    }
}
