using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Patches;

/// <summary>Which patches there are, of which slides, and their order.</summary>
public sealed class PatchListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_FoldersAndStrangeNames_AreAllFoundAndLabelsAreNot()
    {
        string[] names = ["a <script>alert('1')<script>.png", "case 1/t_x1_y2.png", "case 2/t_x1_y2.png", "..b.png", "q\"'&.png", "labels/x.png"];
        var folder = PatchesOf(_folder, names);
        File.WriteAllText(_folder.File("patches/notes.txt"), "");

        var patches = PatchList.Open(folder, Path.Combine(folder, "labels"), sourcePattern: null, CancellationToken.None);

        // Names that begin with a dot are hidden.
        Assert.Equal(["a <script>alert('1')<script>.png", "case 1/t_x1_y2.png", "case 2/t_x1_y2.png", "q\"'&.png"], patches.Patches.Select(patch => patch.Key));
        Assert.Equal(["case 1_t", "case 2_t"], patches.Patches.Where(patch => patch.Key.StartsWith("case", StringComparison.Ordinal)).Select(patch => patch.Slide));
        Assert.All(patches.Patches, patch => Assert.Equal(patch.Index, patches.Find(patch.Key)));
        Assert.Null(patches.Find("../x.png"));
    }

    [Fact]
    public void Random_MorePatches_KeepTheOrderOfTheOthers()
    {
        var names = Enumerable.Range(0, 50).Select(number => $"p{number:d2}.png").ToArray();
        var folder = PatchesOf(_folder, names.Where((_, index) => index % 3 > 0));
        var (few, order) = Ordered(folder, seed: 1);
        PatchesOf(_folder, names);
        var (all, _) = Ordered(folder, seed: 1);

        Assert.Equal(few, all.Where(few.Contains));
        Assert.NotEqual(few.Order(StringComparer.Ordinal), few);
        Assert.NotEqual(few, Ordered(folder, seed: 2).Keys.Where(few.Contains));
        Assert.Equal(Enumerable.Range(0, order.Length), order.Order());
    }

    [Fact]
    public void MostUseful_TakesTheMostUncertainOfEachSlideInTurn()
    {
        var folder = PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png", "a_x2_y0.png", "b_x0_y0.png", "c_x0_y0.png");
        var patches = PatchList.Open(folder, Path.Combine(folder, "labels"), sourcePattern: null, CancellationToken.None).Patches;

        var order = PatchOrder.MostUseful(patches, [4, 3, 2, 1, 0], [0.9, 0.8, 0.95, 0.1, null]);

        Assert.Equal([2, 3, 0, 1, 4], order);
    }

    public void Dispose() => _folder.Dispose();

    private static (string[] Keys, int[] Order) Ordered(string folder, int seed)
    {
        var patches = PatchList.Open(folder, Path.Combine(folder, "labels"), sourcePattern: null, CancellationToken.None).Patches;
        var order = PatchOrder.Random(patches, seed);
        return ([.. order.Select(index => patches[index].Key)], order);
    }
}
