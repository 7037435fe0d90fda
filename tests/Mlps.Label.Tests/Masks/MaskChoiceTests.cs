using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Masks;

/// <summary>On which patches masks are drawn.</summary>
public sealed class MaskChoiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Order_ManySlides_IsOfTheSlidesThatAnExportHoldsOut_InTurn()
    {
        var patches = Patches(slides: 10, each: 6);

        var order = Order(patches, heldOut: 0.3);

        var expected = HeldOutSlides.Choose(patches.Patches, 0.3, seed: 1, new HashSet<string>());
        string[] slides = [.. order.Select(index => patches.Patches[index].Slide)];
        Assert.Equal(3, expected.Count);
        Assert.Equal(18, order.Distinct().Count());
        Assert.True(expected.SetEquals(slides));
        Assert.All(slides.Chunk(3), round => Assert.Equal(3, round.Distinct().Count()));
    }

    [Fact]
    public void Order_NothingHeldOut_IsOfOneSlide() => Assert.Single(Order(Patches(slides: 4, each: 3), heldOut: 0).Select(index => index / 3).Distinct());

    [Fact]
    public void Order_OneSlide_IsAllOfIt() => Assert.Equal(5, Order(Patches(slides: 1, each: 5), heldOut: 0.2).Length);

    [Fact]
    public void Choose_SlidesWithMasks_AreHeldOutWhateverTheShareIs()
    {
        var patches = Patches(slides: 5, each: 4).Patches;
        HashSet<string> masked = ["s3", "s4"];

        Assert.Equal(["s3", "s4"], HeldOutSlides.Choose(patches, 0, seed: 1, masked).Order());
        Assert.Equal(["s3", "s4"], HeldOutSlides.Choose(patches, 0.4, seed: 1, masked).Order());
        Assert.Equal(3, HeldOutSlides.Choose(patches, 0.6, seed: 1, masked).Count);
        Assert.Equal(4, HeldOutSlides.Choose(patches, 0.99, seed: 1, masked).Count);
    }

    [Fact]
    public void Choose_MasksOnAllSlides_LeavesSomeToTrainOn()
    {
        var patches = Patches(slides: 3, each: 4).Patches;

        Assert.Single(HeldOutSlides.Choose(patches, 0.2, seed: 1, new HashSet<string>(["s0", "s1", "s2"])));
        Assert.Empty(HeldOutSlides.Choose(patches, 0, seed: 1, new HashSet<string>(["s0", "s1", "s2"])));
    }

    public void Dispose() => _folder.Dispose();

    private PatchList Patches(int slides, int each) => PatchList.Open(
        PatchesOf(_folder, Enumerable.Range(0, slides * each).Select(number => $"s{number / each}_x{number % each}_y0.png")), _folder.Combine("labels"), null, CancellationToken.None);

    private static int[] Order(PatchList patches, double heldOut) => MaskChoice.Order(patches, PatchOrder.Random(patches.Patches, seed: 1), heldOut, seed: 1, new HashSet<string>());
}
