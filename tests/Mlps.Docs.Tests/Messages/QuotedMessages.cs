using System.Text.RegularExpressions;

namespace Mlps.Docs.Tests.Messages;

/// <summary>The messages that a page quotes: the first cells of its tables headed "message". An ellipsis stands for anything.</summary>
internal static partial class QuotedMessages
{
    public const char Anything = '…';
    private const string Header = "| message |";

    public static IReadOnlyList<string> Read(string page)
    {
        var messages = new List<string>();
        var inTable = false;
        foreach (var line in File.ReadLines(Repository.PathOf(page)))
        {
            inTable = line.StartsWith('|') && (inTable || line.StartsWith(Header, StringComparison.Ordinal));
            if (inTable && FirstCell().Match(line) is { Success: true } cell)
            {
                messages.Add(cell.Groups[1].Value);
            }
        }

        return messages;
    }

    /// <summary>Whether a text holds a quoted message.</summary>
    public static bool Holds(string text, string quoted) =>
        Regex.IsMatch(text, string.Join(".*", quoted.Split(Anything).Select(Regex.Escape)), RegexOptions.Singleline | RegexOptions.CultureInvariant);

    [GeneratedRegex("^\\| `([^`]+)` \\|")]
    private static partial Regex FirstCell();
}
