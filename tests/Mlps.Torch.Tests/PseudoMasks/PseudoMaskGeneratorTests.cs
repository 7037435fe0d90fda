using Mlps.Torch.PseudoMasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.PseudoMasks;

public sealed class PseudoMaskGeneratorTests : IDisposable
{
    private static readonly PseudoMaskRules WithoutBackground = new() { Background = null };
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Generate_EachLayerAndImage_TakesTheStrongestPresentClass()
    {
        // [N 2, L 2, C 3, 1, 2], already of the image's size.
        var maps = tensor(
            new float[]
            {
                9, 9, 1, 2, 2, 1,
                9, 9, 2, 1, 1, 2,
                0, 5, 4, 4, 9, 9,
                5, 0, 4, 4, 9, 9,
            },
            [2, 2, 3, 1, 2]);
        var labels = tensor(new float[,] { { 0, 1, 1 }, { 1, 1, 0 } });

        var masks = PseudoMaskGenerator.Generate(maps, labels, zeros([2, 3, 1, 2], ScalarType.Byte), WithoutBackground);

        Assert.Equal([2, 2, 1, 2], masks.shape);
        byte[] expected = [2, 1, 1, 2, 1, 0, 0, 1];
        Assert.Equal(expected, masks.data<byte>().ToArray());
    }

    [Fact]
    public void Generate_WhiteRegion_BeatsEveryClassInItsImageOnly()
    {
        var maps = rand([2, 3, 2, 4, 4]);
        var images = zeros([2, 3, 16, 16], ScalarType.Byte);
        images[1].narrow(1, 0, 8).fill_(255);

        var masks = PseudoMaskGenerator.Generate(maps, ones([2, 2]), images, new());

        Assert.False(masks[0].eq(2).any().ToBoolean());
        Assert.True(masks[1].narrow(1, 0, 8).eq(2).all().ToBoolean());
        Assert.False(masks[1].narrow(1, 8, 8).eq(2).any().ToBoolean());
    }

    [Theory]
    [InlineData(12, 20)]
    [InlineData(20, 12)]
    public void Generate_NotSquare_KeepsHeightAndWidthApart(int height, int width)
    {
        // Class 0 is strong on the left, class 1 on the right.
        var maps = tensor(new float[] { 1, 0, 1, 0, 0, 1, 0, 1 }, [1, 1, 2, 2, 2]);

        var masks = PseudoMaskGenerator.Generate(maps, ones([1, 2]), zeros([1, 3, height, width], ScalarType.Byte), WithoutBackground);

        Assert.Equal([1, 1, height, width], masks.shape);
        Assert.True(masks.narrow(3, 0, width / 2).eq(0).all().ToBoolean());
        Assert.True(masks.narrow(3, width / 2, width / 2).eq(1).all().ToBoolean());
    }

    [Fact]
    public void Generate_PatchWithoutClasses_IsBackground()
    {
        var masks = PseudoMaskGenerator.Generate(rand([2, 1, 3, 2, 2]), tensor(new float[,] { { 0, 0, 0 }, { 1, 0, 0 } }), zeros([2, 3, 16, 16], ScalarType.Byte), WithoutBackground);

        Assert.True(masks[0].eq(3).all().ToBoolean());
        Assert.True(masks[1].eq(0).all().ToBoolean());
    }

    [Fact]
    public void Scores_OfPresentClasses_SpanZeroToOne()
    {
        var scores = PseudoMaskGenerator.Scores(randn([3, 2, 3, 4, 4]), tensor(new float[,] { { 1, 0, 1 }, { 0, 1, 0 }, { 1, 1, 1 } }), 4, 4, Recipe.Default);

        Assert.Equal(0, scores[0].index_select(1, tensor(new long[] { 0, 2 })).min().ToDouble());
        Assert.Equal(1, scores[0].index_select(1, tensor(new long[] { 0, 2 })).amax([1, 2, 3]).min().ToDouble());
        Assert.True(scores[0].select(1, 1).isneginf().all().ToBoolean());
    }
}
