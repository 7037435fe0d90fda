namespace Mlps.Label;

/// <summary>What all who labelled a patch say together.</summary>
/// <param name="Patch">The patch's key.</param>
/// <param name="Tissues">The tissues that most of them see, as bits; null where people are evenly divided over a tissue, or all cannot say.</param>
/// <param name="People">How many said what occurs; those who cannot say do not count.</param>
internal sealed record Consensus(string Patch, uint? Tissues, int People)
{
    /// <summary>Whether people are evenly divided over a tissue.</summary>
    public bool IsDisputed => Tissues is null && People > 0;

    /// <summary>The consensus on every patch that somebody answered, in the order of their names.</summary>
    public static IReadOnlyList<Consensus> Of(IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people, int tissues) =>
    [
        .. people.SelectMany(person => person.Answers)
            .GroupBy(answer => answer.Patch, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Of(group.Key, [.. group.Where(answer => answer.Tissues is not null)], tissues)),
    ];

    private static Consensus Of(string patch, Answer[] answers, int tissues)
    {
        if (answers.Length == 0)
        {
            return new Consensus(patch, null, 0);
        }

        var all = 0u;
        for (var tissue = 0; tissue < tissues; tissue++)
        {
            var votes = answers.Count(answer => answer.Has(tissue));
            if (2 * votes == answers.Length)
            {
                return new Consensus(patch, null, answers.Length);
            }

            all |= 2 * votes > answers.Length ? 1u << tissue : 0;
        }

        return new Consensus(patch, all, answers.Length);
    }
}
