using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests;

public sealed class ArgmaxTests
{
    public ArgmaxTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Place_WithTiesAndInfinities_IsThatOfArgmax(long dimension)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(1);
        var scores = randint(0, 3, [3, 5, 40, 50], dtype: ScalarType.Float32);
        scores[0, 2] = float.NegativeInfinity;
        scores[1] = float.NegativeInfinity;
        scores[2, 3] = float.NaN;

        foreach (var layout in new[] { scores, scores.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) })
        {
            Assert.True(layout.Argmax(dimension).equal(scores.argmax(dimension)).all().item<bool>());
        }
    }
}
