using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

public sealed class TileBlenderTests
{
    private const int ClassCount = 2;

    /// <summary>A network that sees one pixel gives the same at each, however it is cut into tiles: nothing of the tiles may remain.</summary>
    [Theory]
    [InlineData(16, 8, 100, 70)]
    [InlineData(15, 7, 64, 33)]
    [InlineData(16, 16, 50, 40)]
    [InlineData(9, 3, 31, 20)]
    public void Tiles_OfAFunctionOfThePlace_BlendToThatFunction(int size, int stride, int width, int height)
    {
        var blender = new TileBlender(width, size, stride, ClassCount);
        var rows = 1 + Math.Max(0, (height - size + stride - 1) / stride);
        var (classes, probability) = (new byte[width * height], new byte[width * height]);
        for (var band = 0; band * stride < height; band++)
        {
            for (var left = 0; band < rows && (left == 0 || left - stride + size < width); left += stride)
            {
                blender.Add(left, Probabilities(left, band * stride, size), Classes(left, band * stride, size));
            }

            var (first, count) = (band * stride * width, Math.Min(stride, height - (band * stride)) * width);
            blender.Finish(classes.AsSpan(first, count), probability.AsSpan(first, count));
        }

        for (var pixel = 0; pixel < classes.Length; pixel++)
        {
            var (x, y) = (pixel % width, pixel / width);
            Assert.Equal(ClassAt(x, y), classes[pixel]);
            var expected = ClassAt(x, y) == ClassCount ? 1 : Math.Max(First(x, y), 1 - First(x, y));


            // Bytes are rounded to the nearest; beyond that, 1e-4.
            Assert.InRange(probability[pixel] / 255.0, expected - (0.5 / 255) - 1e-4, expected + (0.5 / 255) + 1e-4);
        }
    }

    [Fact]
    public void Places_WithoutTiles_WereNotLookedAt()
    {
        var blender = new TileBlender(width: 20, size: 8, stride: 4, ClassCount);
        var (classes, probability) = (new byte[80], new byte[80]);
        blender.Finish(classes, probability);
        Assert.All(classes, value => Assert.Equal(MaskValue.NotLookedAt, value));

        blender.Add(8, Probabilities(8, 4, 8), Classes(8, 4, 8));
        blender.Finish(classes, probability);
        Assert.All(Enumerable.Range(0, 80), pixel => Assert.Equal(pixel % 20 is < 8 or >= 16, classes[pixel] == MaskValue.NotLookedAt));

        // The tile's lower half, and then nothing.
        blender.Finish(classes, probability);
        Assert.NotEqual(MaskValue.NotLookedAt, classes[8]);
        blender.Finish(classes, probability);
        Assert.All(classes, value => Assert.Equal(MaskValue.NotLookedAt, value));
        Assert.All(probability, value => Assert.Equal(0, value));
    }

    [Fact]
    public void HannWindows_AtHalfATile_SumToOne()
    {
        var window = BlendWindow.Hann(64);

        Assert.All(Enumerable.Range(0, 32), i => Assert.Equal(1, window[i] + window[i + 32], 1e-6f));
        Assert.All(window, weight => Assert.True(weight > 0));
    }

    private static double First(int x, int y) => 0.5 + (0.45 * Math.Sin((x * 0.7) + (y * 1.3)));

    private static byte ClassAt(int x, int y) => (x / 5) + (y / 4) is var cell && cell % 6 == 0 ? (byte)ClassCount : First(x, y) >= 0.5 ? (byte)0 : (byte)1;

    private static float[] Probabilities(int left, int top, int size) =>
        [.. Enumerable.Range(0, ClassCount).SelectMany(c => Enumerable.Range(0, size * size).Select(i => First(left + (i % size), top + (i / size)) is var first ? (float)(c == 0 ? first : 1 - first) : 0))];

    private static byte[] Classes(int left, int top, int size) => [.. Enumerable.Range(0, size * size).Select(i => ClassAt(left + (i % size), top + (i / size)))];
}
