using Mlps.Torch.PseudoMasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.PseudoMasks;

public sealed class MapScalingTests : IDisposable
{
    private static readonly PseudoMaskRules PerClass = new() { Background = null, Scaling = MapScaling.PerClass };
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Scores_PerClass_DividesEachMapByItsOwnMaximumAfterReLU()
    {
        // Three classes of three pixels, of the image's size; the last class does not occur.
        var maps = tensor(new float[] { 10, 4, -5, 1, 2, 0.5f, 99, 99, 99 }, [1, 1, 3, 1, 3]);

        var scores = PseudoMaskGenerator.Scores(maps, tensor(new float[,] { { 1, 1, 0 } }), 1, 3, Recipe.Default, MapScaling.PerClass);

        float[] expected = [1, 0.4f, 0, 0.5f, 1, 0.25f, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity];
        Assert.Equal(expected, scores.data<float>().ToArray());
    }

    [Fact]
    public void Scores_PerClass_OfEachPatchAndLayerByItself()
    {
        // [N 2, L 2, C 1, 1, 2]: every map has a maximum of its own.
        var maps = tensor(new float[] { 1, 2, 10, 5, 300, 600, 4000, 1000 }, [2, 2, 1, 1, 2]);

        var scores = PseudoMaskGenerator.Scores(maps, ones([2, 1]), 1, 2, Recipe.Default, MapScaling.PerClass);

        Assert.Equal([0.5f, 1, 1, 0.5f, 0.5f, 1, 1, 0.25f], scores.data<float>().ToArray());
    }

    [Fact]
    public void Scores_PerClassMean_DividesEachMapByItsOwnMeanAfterReLU()
    {
        var maps = tensor(new float[] { 6, 3, -5, 1, 1, 1, -1, -2, -3 }, [1, 1, 3, 1, 3]);

        var scores = PseudoMaskGenerator.Scores(maps, tensor(new float[,] { { 1, 1, 1 } }), 1, 3, Recipe.Default, MapScaling.PerClassMean);

        Assert.Equal([2f, 1, 0, 1, 1, 1, 0, 0, 0], scores.data<float>().ToArray());
    }

    /// <summary>A peak in one class's map pushes the others back under the maximum, not under the mean.</summary>
    [Fact]
    public void Generate_MapWithAPeak_KeepsItsRegionOnlyPerClassMean()
    {
        var maps = tensor(new float[] { 10, 4, 4, 0, 0, 0, 2, 2.5f, 2.5f, 5, 5, 5 }, [1, 1, 2, 1, 6]);

        Assert.Equal([0, 1, 1, 1, 1, 1], Masks(maps, [1, 1], PerClass));
        Assert.Equal([0, 0, 0, 1, 1, 1], Masks(maps, [1, 1], PerClass with { Scaling = MapScaling.PerClassMean }));
    }

    [Theory]
    [InlineData(MapScaling.OverPresentClasses)]
    [InlineData(MapScaling.PerClass)]
    [InlineData(MapScaling.PerClassMean)]
    public void Generate_FusedLayers_IsOneMaskOfTheMeanOfScaledScores(MapScaling scaling)
    {
        // Layers of very different size: unscaled, the last would decide alone.
        var maps = randn([3, 2, 3, 4, 4], generator: new Generator(5)).mul(tensor(new float[] { 1, 1000 }).view(1, 2, 1, 1, 1));
        var labels = tensor(new float[,] { { 1, 1, 0 }, { 1, 1, 1 }, { 0, 1, 1 } });
        var rules = new PseudoMaskRules { Background = null, Scaling = scaling, FuseLayers = true };

        var masks = PseudoMaskGenerator.Generate(maps, labels, zeros([3, 3, 4, 4], ScalarType.Byte), rules);

        var scores = PseudoMaskGenerator.Scores(maps, labels, 4, 4, Recipe.Default, scaling).mean([1]);
        Assert.Equal([3, 1, 4, 4], masks.shape);
        var decided = scores.amax([1]).gt(0);
        Assert.True(decided.to(ScalarType.Float32).mean().item<float>() > 0.8);
        Assert.True(masks.select(1, 0).eq(scores.argmax(1)).logical_or(decided.logical_not()).all().ToBoolean());
    }

    [Fact]
    public void Generate_WeakMapBesideAStrongOne_WinsWhereItIsHighestOnlyPerClass()
    {
        var maps = tensor(new float[] { 10, 4, 1, 2 }, [1, 1, 2, 1, 2]);

        Assert.Equal([0, 0], Masks(maps, [1, 1], new() { Background = null }));
        Assert.Equal([0, 1], Masks(maps, [1, 1], PerClass));
    }

    [Fact]
    public void Scores_PerClassOfAMapThatIsNowherePositive_AreZero()
    {
        var maps = tensor(new float[] { -8, -2, -4, 2 }, [1, 1, 2, 1, 2]);

        var scores = PseudoMaskGenerator.Scores(maps, ones([1, 2]), 1, 2, Recipe.Default, MapScaling.PerClass);

        Assert.Equal([0f, 0, 0, 1], scores.data<float>().ToArray());
    }

    [Fact]
    public void Generate_PerClassWhereNoClassIsPositive_TakesTheHighestMapOfThoseThatOccur()
    {
        var maps = tensor(new float[] { -8, 5, -1, -3, 7, 7 }, [1, 1, 3, 1, 2]);

        Assert.Equal([1, 0], Masks(maps, [1, 1, 0], PerClass));
    }

    [Theory]
    [InlineData(MapScaling.OverPresentClasses)]
    [InlineData(MapScaling.PerClass)]
    [InlineData(MapScaling.PerClassMean)]
    public void Generate_PatchOfOneClass_IsThatClassEverywhereButOnBackground(MapScaling scaling)
    {
        var maps = randn([4, 3, 3, 2, 2]);
        maps[1].fill_(0);
        maps[2].abs_().neg_();
        var images = zeros([4, 3, 16, 16], ScalarType.Byte);
        images[3].narrow(1, 0, 8).fill_(255);
        var labels = zeros([4, 3]);
        labels.select(1, 2).fill_(1);

        var masks = PseudoMaskGenerator.Generate(maps, labels, images, new() { Scaling = scaling });

        Assert.True(masks.narrow(0, 0, 3).eq(2).all().ToBoolean());
        Assert.True(masks[3].narrow(1, 0, 8).eq(3).all().ToBoolean());
        Assert.True(masks[3].narrow(1, 8, 8).eq(2).all().ToBoolean());
    }

    [Theory]
    [InlineData(Recipe.Reference, MapScaling.PerClass)]
    [InlineData(Recipe.Reference, MapScaling.OverPresentClasses)]
    [InlineData(Recipe.Default, MapScaling.OverAllClasses)]
    public void Check_ScalingOfAnotherRecipe_NamesBoth(Recipe recipe, MapScaling scaling)
    {
        var error = Assert.Throws<ArgumentException>(() => new PseudoMaskRules { Recipe = recipe, Scaling = scaling }.Check());

        Assert.Contains($"Scaling is {scaling} and Recipe is {recipe}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ScalingOfTheRecipe_Passes()
    {
        new PseudoMaskRules { Recipe = Recipe.Reference, Scaling = MapScaling.OverAllClasses }.Check();
        PerClass.Check();
        Assert.Throws<ArgumentOutOfRangeException>(() => new PseudoMaskRules { Scaling = (MapScaling)7 }.Check());
    }

    [Fact]
    public void EffectiveScaling_NotGiven_IsTheRecipes()
    {
        Assert.Equal(MapScaling.OverPresentClasses, new PseudoMaskRules().EffectiveScaling);
        Assert.Equal(MapScaling.OverAllClasses, new PseudoMaskRules { Recipe = Recipe.Reference }.EffectiveScaling);
    }

    private static byte[] Masks(Tensor maps, float[] labels, PseudoMaskRules rules) =>
        PseudoMaskGenerator.Generate(maps, tensor(labels, [1, labels.Length]), zeros([1, 3, maps.shape[3], maps.shape[4]], ScalarType.Byte), rules).data<byte>().ToArray();
}
