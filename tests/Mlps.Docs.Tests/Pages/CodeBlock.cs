namespace Mlps.Docs.Tests.Pages;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">The word after the opening fence.</param>
/// <param name="Line">Number of its first line in the page, from 1.</param>
/// <param name="Text">What is between the fences.</param>
internal sealed record CodeBlock(string Language, int Line, string Text)
{
    private const string Fence = "```";

    /// <summary>All fenced blocks of a page, in order.</summary>
    /// <exception cref="FormatException">A fence is not closed.</exception>
    public static IReadOnlyList<CodeBlock> Read(string page)
    {
        var lines = page.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<CodeBlock>();
        for (var opening = 0; opening < lines.Length; opening++)
        {
            if (!lines[opening].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var closing = Array.FindIndex(lines, opening + 1, line => line.StartsWith(Fence, StringComparison.Ordinal));
            if (closing < 0)
            {
                throw new FormatException($"The block that opens in line {opening + 1} is not closed.");
            }

            blocks.Add(new CodeBlock(lines[opening][Fence.Length..].Trim(), opening + 2, string.Join('\n', lines[(opening + 1)..closing])));
            opening = closing;
        }

        return blocks;
    }
}
