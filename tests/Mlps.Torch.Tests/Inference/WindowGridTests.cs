using Mlps.Torch.Inference;
using Xunit;

namespace Mlps.Torch.Tests.Inference;

public sealed class WindowGridTests
{
    [Fact]
    public void Over_ImagesOfManySizes_CoversEveryPixelWithOverlap()
    {
        foreach (var (height, width, window) in from height in Enumerable.Range(1, 40) from width in new[] { 1, 7, 16, 23, 40 } from window in new[] { 1, 2, 5, 16 } select (height, width, window))
        {
            var grid = WindowGrid.Over(height, width, (window, window + 1));
            var covered = new bool[height, width];
            foreach (var (top, left) in grid.Corners)
            {
                Assert.InRange(top, 0, height - grid.WindowHeight);
                Assert.InRange(left, 0, width - grid.WindowWidth);
                for (var pixel = 0; pixel < grid.WindowHeight * grid.WindowWidth; pixel++)
                {
                    covered[top + (pixel / grid.WindowWidth), left + (pixel % grid.WindowWidth)] = true;
                }
            }

            Assert.DoesNotContain(false, covered.Cast<bool>());
            Assert.Equal(grid.Corners.Count, grid.Corners.Distinct().Count());
            var tops = grid.Corners.Select(corner => corner.Top).Distinct().Order().ToArray();
            Assert.All(tops.Zip(tops.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, Math.Max(1, grid.WindowHeight / 2)));
        }
    }

    [Fact]
    public void Over_ImageOfTheWindowsSizeOrLess_IsOneWindow()
    {
        Assert.Equal([(0, 0)], WindowGrid.Over(16, 16, (16, 16)).Corners);
        Assert.Equal([(0, 0), (0, 16), (0, 24), (4, 0), (4, 16), (4, 24)], WindowGrid.Over(20, 40, (16, 16), overlap: false).Corners);
        Assert.Equal([(0, 0)], WindowGrid.Over(10, 12, (16, 16)).Corners);
        Assert.Equal((10, 12), (WindowGrid.Over(10, 12, (16, 16)).WindowHeight, WindowGrid.Over(10, 12, (16, 16)).WindowWidth));
    }

    [Fact]
    public void Over_LargerImage_StepsByHalfAWindowAndEndsAtTheEdge() =>
        Assert.Equal([(0, 0), (0, 8), (0, 9), (4, 0), (4, 8), (4, 9)], WindowGrid.Over(20, 25, (16, 16)).Corners.Where(corner => corner.Top is 0 or 4));
}
