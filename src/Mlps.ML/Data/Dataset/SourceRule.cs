using System.Text.RegularExpressions;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>Finds the slide of a patch: by the names that common tools give (<see cref="PatchSource"/>), or by the user's pattern.</summary>
/// <param name="pattern">A regular expression with a group named <c>source</c>, found in the patch's path below its folder; null for the names that tools give.</param>
internal sealed class SourceRule(string? pattern)
{
    private const string Group = "source";
    private const string Example = @"^(?<source>[^_]+)_";

    /// <summary>Longer than any sensible pattern takes with a name.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromMilliseconds(500);

    private readonly Regex? _pattern = pattern is null ? null : Check(pattern);

    /// <summary>Whether the user said how.</summary>
    public bool IsOwn => _pattern is not null;

    /// <summary>The pattern, ready to use.</summary>
    /// <exception cref="FormatException">It is no regular expression, or has no group named source.</exception>
    public static Regex Check(string pattern)
    {
        Regex regex;
        try
        {
            regex = new Regex(pattern, RegexOptions.CultureInvariant, _limit);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"The source pattern '{ShortText.Of(pattern)}' is no regular expression: {ShortText.OfMessage(exception.Message)} An example: {Example}", exception);
        }

        return regex.GetGroupNames().Contains(Group, StringComparer.Ordinal)
            ? regex
            : throw new FormatException($"The source pattern '{ShortText.Of(pattern)}' has no group named '{Group}', which holds the slide: write it like {Example}.");
    }

    /// <summary>The slide of a patch.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="folder">The folder of the split's images.</param>
    /// <exception cref="TissueDataException">The user's pattern does not fit the name, or the search takes too long.</exception>
    public string Find(TissuePatch patch, string folder)
    {
        if (_pattern is null)
        {
            return FindByName(patch);
        }

        var path = NameForm.Compose(Path.ChangeExtension(Path.GetRelativePath(folder, patch.ImagePath), null).Replace(Path.DirectorySeparatorChar, '/'));
        try
        {
            return _pattern.Match(path).Groups[Group] is { Success: true, Length: > 0 } source
                ? source.Value
                : throw new TissueDataException(
                    patch.ImagePath, $"The source pattern '{ShortText.Of(pattern!)}' finds no slide in '{path}'.", "It must find one, as its group 'source', in every patch's path below the split's folder, without extension and with / between folders.");
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new TissueDataException(
                patch.ImagePath, $"The source pattern '{ShortText.Of(pattern!)}' takes more than {_limit.TotalSeconds} seconds with '{path}'.", "Write it without repetitions within repetitions, such as (a+)+.", exception);
        }
    }

    private static string FindByName(TissuePatch patch)
    {
        try
        {
            return PatchSource.Parse(NameForm.Compose(patch.Name));
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new TissueDataException(
                patch.ImagePath, $"No slide is found in the name within {exception.MatchTimeout.TotalSeconds} seconds.", "Try again, and rename the file if that does not help.", exception);
        }
    }
}
