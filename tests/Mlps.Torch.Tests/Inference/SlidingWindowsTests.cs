using Mlps.Torch.Inference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

public sealed class SlidingWindowsTests
{
    public SlidingWindowsTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    public static TheoryData<int, int, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, bool>();
            foreach (var (height, width) in new[] { (37, 29), (16, 50), (64, 16), (9, 70), (81, 81), (400, 5) })
            {
                foreach (var views in new[] { 1, 2, 4, 8 })
                {
                    cases.Add(height, width, views, false);
                    cases.Add(height, width, views, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PixelMerger_NetworkThatGivesItsInput_GivesTheImage(int height, int width, int views, bool hann)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(1);
        var images = randint(256, [2, 3, height, width], ScalarType.Byte);
        var plan = WindowPlan.Over(height, width, (16, 12), views: views, weights: hann ? WindowWeights.Hann : WindowWeights.Uniform);
        var rows = new List<Tensor>();
        using var merger = new PixelMerger(2, 3, plan, CPU, (top, part) =>
        {
            Assert.Equal(rows.Sum(row => row.shape[2]), top);
            rows.Add(part.clone().MoveToOuterDisposeScope());
        });

        SlidingWindows.Run(images, plan, windows => windows.to(ScalarType.Float32), merger);

        var merged = cat(rows, 2);
        Assert.Equal(images.shape, merged.shape);
        Assert.InRange(merged.sub(images).abs().max().ToDouble(), 0, 1e-3);
    }

    /// <summary>A network that sees which pixels of a window lie where: it gives the mean over a window's quarter, so that seams and flips would show.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void PixelMerger_OutputsThatDependOnTheWindow_AreAveragedAsOneBandWould(int views)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(2);
        const int Height = 150, Width = 47;
        var images = randint(256, [1, 3, Height, Width], ScalarType.Byte);
        var plan = WindowPlan.Over(Height, Width, (16, 16), views: views, weights: WindowWeights.Hann);

        var expected = zeros(1, 1, Height, Width);
        foreach (var view in Enumerable.Range(0, views))
        {
            Tensor sum = zeros(1, 1, Height, Width), total = zeros(1, 1, Height, Width);
            var side = tensor(WindowWeights.Hann.Along(16));
            foreach (var window in plan.Windows.Where(window => window.View == view))
            {
                var weights = side.view(16, 1).mul(side);
                var cut = images.narrow(2, window.Top, 16).narrow(3, window.Left, 16);
                var output = ImageViews.Undo(Network(ImageViews.Apply(cut, view).contiguous()), view);
                sum.narrow(2, window.Top, 16).narrow(3, window.Left, 16).add_(output.mul(weights));
                total.narrow(2, window.Top, 16).narrow(3, window.Left, 16).add_(weights);
            }

            expected.add_(sum.div(total).div(views));
        }

        using var rows = new RowCollector(images);
        using var merger = new PixelMerger(1, 1, plan, CPU, rows.Add);
        SlidingWindows.Run(images, plan, Network, merger);

        Assert.True(rows.ToTensor().allclose(expected, 1e-4, 1e-3));

        static Tensor Network(Tensor windows) => windows.to(ScalarType.Float32).mean([1], keepdim: true).mul(arange(256, ScalarType.Float32).view(16, 16)).cumsum(3);
    }

    [Theory]
    [InlineData(0, 20)]
    [InlineData(3, 4)]
    [InlineData(13, 7)]
    public void ClassificationGate_OnRows_DoesWhatItDoesOnTheWholeImage(int top, int rows)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(3);
        var (logits, probabilities) = (randn(2, 3, 20, 27), rand(2, 3, 3, 4));
        foreach (var recipe in Enum.GetValues<Recipe>())
        {
            using var gate = new ClassificationGate(probabilities, 0.5, recipe, CPU);

            var part = gate.Apply(logits.narrow(2, top, rows), top);

            Assert.True(part.equal(gate.Apply(logits).narrow(2, top, rows)).all().ToBoolean());
        }
    }

    [Fact]
    public void CellGrid_Windows_HoldTheCellsWhoseCentresLieInThem()
    {
        foreach (var (start, length, image) in from image in new[] { 1, 7, 8, 9, 40, 61 } from length in new[] { 1, 5, 8, 16, 61 } from start in Enumerable.Range(0, image) where start + length <= image select (start, length, image))
        {
            var cells = Enumerable.Range(0, CellGrid.Count(image)).Where(cell => Math.Min((cell * 8) + 4, image - 1) is var centre && centre >= start && centre < start + length).ToArray();

            var (first, count) = CellGrid.CentredIn(start, length, image);

            Assert.Equal(cells.Length, count);
            Assert.True(count == 0 || first == cells[0]);
        }
    }
}
