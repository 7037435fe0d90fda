using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Masks;

/// <summary>Masks of several people as one.</summary>
public sealed class MergedMaskTests
{
    /// <summary>Background and no answer, in masks of three tissues.</summary>
    private const byte None = 3, Open = 4;

    [Fact]
    public void Of_OnePerson_IsThatMaskAndWhatHasNoAnswerDoesNotCount()
    {
        var merged = MergedMask.Of([Mask(0, 2, None, Open)], Classes);

        Assert.Equal([0, 2, None, None], merged.Indices);
        Assert.Equal(1, merged.Open);
        Assert.Equal(0b101u, merged.Tissues(Classes.Count));
    }

    [Fact]
    public void Of_SeveralPeople_MoreThanHalfOfThoseWhoAnsweredDecide()
    {
        var merged = MergedMask.Of([Mask(0, 0, Open, Open, 1, None), Mask(0, 1, 2, Open, 0, None), Mask(1, 2, Open, Open, Open, 0)], Classes);

        Assert.Equal([0, None, 2, None, None, None], merged.Indices);
        Assert.Equal(3, merged.Open);
    }

    private static DrawnMask Mask(params byte[] indices) => new(indices.Length, 1, indices);
}
