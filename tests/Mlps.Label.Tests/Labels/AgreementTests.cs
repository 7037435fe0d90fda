using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Labels;

/// <summary>Cohen's κ and disagreements.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Compute_CohensOwnKind_IsAsByHand()
    {
        // Both yes 20, only the first 5, only the second 10, both no 15: observed 0.7, chance 0.5, κ 0.4.
        var (first, second) = (new List<Answer>(), new List<Answer>());
        foreach (var (count, a, b) in new[] { (20, 1u, 1u), (5, 1u, 0u), (10, 0u, 1u), (15, 0u, 0u) })
        {
            for (var i = 0; i < count; i++)
            {
                first.Add(Answer($"{first.Count}", a));
                second.Add(Answer($"{second.Count}", b));
            }
        }

        first.Add(Answer("x", null));
        second.Add(Answer("x", 1));
        first.Add(Answer("only first", 1));

        var agreement = Agreement.Compute([("Anna", first), ("Ben", second)], tissues: 2);

        Assert.Equal(2, agreement.Count);
        Assert.Equal((50, 35), (agreement[0].Patches, agreement[0].Equal));
        Assert.Equal(0.4, agreement[0].Kappa!.Value, 12);
        Assert.Null(agreement[1].Kappa);
    }

    [Fact]
    public void Compute_WithoutCommonPatches_IsEmpty() =>
        Assert.Empty(Agreement.Compute([("Anna", [Answer("a", 1)]), ("Ben", [Answer("b", 1)])], tissues: 1));

    [Fact]
    public void Find_Disagreements_AreThoseThatDivideMostFirst()
    {
        var found = Agreement.Find(
        [
            ("Anna", [Answer("a", 1), Answer("b", 1), Answer("c", 1), Answer("d", null)]),
            ("Ben", [Answer("a", 2), Answer("b", 2), Answer("c", 1), Answer("d", 1)]),
            ("Cleo", [Answer("b", 1)]),
        ]);

        Assert.Equal(["b", "a"], found.Select(patch => patch.Patch));
        Assert.Equal(["Anna", "Ben", "Cleo"], found[0].Answers.Select(answer => answer.Person));
    }
}
