namespace Mlps.Label;

/// <summary>How far two people agree on a tissue.</summary>
/// <param name="Tissue">The tissue's place among the classes.</param>
/// <param name="First">One person.</param>
/// <param name="Second">The other.</param>
/// <param name="Patches">Patches that both have labelled; those of which one cannot say do not count.</param>
/// <param name="Equal">Those of them on which both say the same of this tissue.</param>
/// <param name="Kappa">Cohen's κ (Cohen 1960), at most 1, 0 where they agree as often as chance would; null where it is not defined, as both gave all patches the same answer.</param>
internal sealed record TissueAgreement(int Tissue, string First, string Second, int Patches, int Equal, double? Kappa);

/// <summary>A patch on which people disagree.</summary>
/// <param name="Patch">The patch's key.</param>
/// <param name="Answers">Each person's answer.</param>
internal sealed record Disagreement(string Patch, IReadOnlyList<(string Person, Answer Answer)> Answers);

/// <summary>Compares what several people said of the same patches.</summary>
internal static class Agreement
{
    /// <summary>The agreement of every two people who have patches in common, on each tissue.</summary>
    public static IReadOnlyList<TissueAgreement> Compute(IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people, int tissues)
    {
        var result = new List<TissueAgreement>();
        var byPatch = people.Select(person => person.Answers.Where(answer => answer.Tissues is not null).ToDictionary(answer => answer.Patch, StringComparer.Ordinal)).ToArray();
        for (var first = 0; first < people.Count; first++)
        {
            for (var second = first + 1; second < people.Count; second++)
            {
                var common = byPatch[first].Values.Where(answer => byPatch[second].ContainsKey(answer.Patch)).Select(answer => (A: answer, B: byPatch[second][answer.Patch])).ToArray();
                if (common.Length > 0)
                {
                    result.AddRange(Enumerable.Range(0, tissues).Select(tissue => Of(tissue, people[first].Person, people[second].Person, common)));
                }
            }
        }

        return result;
    }

    /// <summary>The patches on which people disagree, those that divide most people first.</summary>
    public static IReadOnlyList<Disagreement> Find(IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people) =>
    [
        .. people.SelectMany(person => person.Answers.Where(answer => answer.Tissues is not null).Select(answer => (person.Person, Answer: answer)))
            .GroupBy(given => given.Answer.Patch, StringComparer.Ordinal)
            .Where(group => group.Select(given => given.Answer.Tissues).Distinct().Count() > 1)
            .Select(group => new Disagreement(group.Key, [.. group]))
            .OrderByDescending(patch => patch.Answers.Count)
            .ThenBy(patch => patch.Patch, StringComparer.Ordinal),
    ];

    private static TissueAgreement Of(int tissue, string first, string second, (Answer A, Answer B)[] common)
    {
        var (equal, inFirst, inSecond) = (0, 0, 0);
        foreach (var (a, b) in common)
        {
            equal += a.Has(tissue) == b.Has(tissue) ? 1 : 0;
            inFirst += a.Has(tissue) ? 1 : 0;
            inSecond += b.Has(tissue) ? 1 : 0;
        }

        // In whole numbers: n²·chance, so that an agreement that is certain is exactly that.
        var n = (long)common.Length;
        var chance = ((long)inFirst * inSecond) + ((n - inFirst) * (n - inSecond));
        var kappa = chance == n * n ? (double?)null : (double)((equal * n) - chance) / ((n * n) - chance);
        return new TissueAgreement(tissue, first, second, common.Length, equal, kappa);
    }
}
