using Mlps.ML.Stages;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.ML.Tests.Interop;

/// <summary>Results leave tensors in pieces, as no more than 2 GiB of one can be seen at once.</summary>
public sealed class TensorColumnsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public void Copy_InPieces_IsTheWhole(int pieceLength)
    {
        using var values = arange(20, ScalarType.Float32);

        Assert.Equal(Enumerable.Range(5, 7).Select(value => (float)value), TensorColumns.Copy<float>(values, 5, 7, pieceLength));
    }
}
