using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

/// <summary>Patches side by side in larger images.</summary>
public class MosaicTests
{
    [Fact]
    public void Lay_PutsPatchesIntoRowsAndColumns()
    {
        using var patches = arange(16, ScalarType.Byte).view(8, 1, 1, 2);

        using var squares = Mosaic.Lay(patches, 2);

        Assert.Equal([2, 1, 2, 4], squares.shape);
        byte[] expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        Assert.Equal(expected, squares.contiguous().data<byte>().ToArray());
    }

    /// <summary>Patches of several rows and channels: each is found again, whole, at its place.</summary>
    [Fact]
    public void Lay_LeavesEveryPatchWhole()
    {
        using var scope = NewDisposeScope();
        var patches = rand([18, 3, 5, 4], generator: new Generator(2));

        var squares = Mosaic.Lay(patches, 3);

        Assert.Equal([2, 3, 15, 12], squares.shape);
        for (var n = 0; n < 18; n++)
        {
            var (square, row, column) = (n / 9, n % 9 / 3, n % 3);
            Assert.True(squares[square].narrow(1, row * 5, 5).narrow(2, column * 4, 4).eq(patches[n]).all().ToBoolean(), $"patch {n}");
        }
    }

    [Theory]
    [InlineData(6, 2)]
    [InlineData(3, 2)]
    [InlineData(8, 1)]
    public void Lay_WhatFillsNoSquares_StaysAsItIs(long count, int side)
    {
        using var patches = rand([count, 3, 4, 4]);

        Assert.Same(patches, Mosaic.Lay(patches, side));
    }

    [Fact]
    public void Options_OutsideTheirRange_AreNamed()
    {
        var side = Assert.Throws<ArgumentOutOfRangeException>(new SegmenterTrainingOptions { MosaicSide = 0 }.Check);
        var batch = Assert.Throws<ArgumentException>(new SegmenterTrainingOptions { MosaicSide = 2, BatchSize = 18 }.Check);

        Assert.Equal(nameof(SegmenterTrainingOptions.MosaicSide), side.ParamName);
        Assert.Contains("BatchSize is 18 and MosaicSide is 2", batch.Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 4", batch.Message, StringComparison.Ordinal);
    }
}
