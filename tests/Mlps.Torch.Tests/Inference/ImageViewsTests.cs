using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

public sealed class ImageViewsTests
{
    public ImageViewsTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    public static TheoryData<int> Views => [.. Enumerable.Range(0, 8)];

    /// <summary>Readers without tensors walk through memory; what they find is the tensors' view.</summary>
    [Theory]
    [MemberData(nameof(Views))]
    public void Walk_FindsThePixelsOfTheView(int view)
    {
        using var scope = NewDisposeScope();
        const int height = 3, width = 5, rowLength = 7;
        var memory = arange(height * rowLength).view(height, rowLength);
        var seen = ImageViews.Apply(memory.narrow(1, 0, width), view);

        var (start, down, right) = ImageViews.Walk(view, height, width, rowLength);

        for (var row = 0; row < seen.shape[0]; row++)
        {
            for (var column = 0; column < seen.shape[1]; column++)
            {
                Assert.Equal(seen[row, column].ToInt64(), start + (row * down) + (column * right));
            }
        }
    }

    [Fact]
    public void Cells_AreThoseOfTheClassifier() => Assert.Equal(ClassifierNetwork.OutputStride, CellGrid.Side);
}
