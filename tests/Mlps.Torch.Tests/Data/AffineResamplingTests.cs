using Mlps.Torch.Data;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Data;

/// <summary>Scales and angles, seen on patches whose planes hold each pixel's own place: red and the first mask the column, green and the second mask the row.</summary>
public sealed class AffineResamplingTests : IDisposable
{
    private const int Height = 24;
    private const int Width = 40;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(1.25)]
    [InlineData(0.5)]
    public void Read_OneScale_StepsThroughThePatchByItsInverse(double scale)
    {
        var (columns, rows, _) = Read(new() { HorizontalFlip = false, MinimumScale = scale, MaximumScale = scale }, 32);

        // Steps from pixel to pixel, also across a mirrored edge, where they change their sign.
        Assert.Equal(1 / scale, Median(columns.diff(1, 2).abs()), 3);
        Assert.Equal(1 / scale, Median(rows.diff(1, 1).abs()), 3);
        Assert.Equal(0, columns.diff(1, 1).abs().max().ToDouble(), 3);
    }

    [Fact]
    public void Read_EnlargedPatches_AreCropsThatReachBothEdgesAndShowNoMirror()
    {
        var (columns, rows, _) = Read(new() { HorizontalFlip = false, MinimumScale = 2, MaximumScale = 2 }, 200);

        Assert.True(columns.diff(1, 2).min().ToDouble() > -1e-3, "Something was mirrored.");
        Assert.InRange(columns.amin([1, 2]).min().ToDouble(), 0, 1);
        Assert.InRange(columns.amax([1, 2]).max().ToDouble(), Width - 2, Width - 1);
        Assert.InRange(rows.amax([1, 2]).max().ToDouble(), Height - 2, Height - 1);

        // Uniform places: on average in the middle.
        Assert.Equal((Width - 1) / 2.0, columns.mean().ToDouble(), 1.5);
    }

    [Fact]
    public void Read_ReducedPatches_HoldTheWholePatchAndItsMirrorImage()
    {
        var (columns, rows, _) = Read(new() { HorizontalFlip = false, MinimumScale = 0.5, MaximumScale = 0.5 }, 16);

        for (var n = 0; n < 16; n++)
        {
            Assert.InRange(columns[n].min().ToDouble(), 0, 1.01);
            Assert.InRange(columns[n].max().ToDouble(), Width - 2.01, Width - 1);
            Assert.InRange(rows[n].max().ToDouble(), Height - 2.01, Height - 1);
            Assert.True(columns[n, 0].diff().lt(0).any().ToBoolean(), "Nothing was mirrored.");
        }
    }

    [Fact]
    public void Read_AnyAngle_TurnsInPixelsAlsoWhereThePatchIsNotSquare()
    {
        var (columns, rows, _) = Read(new() { HorizontalFlip = false, MaximumAngle = 30 }, 64);

        var angles = new List<double>();
        for (var n = 0; n < 64; n++)
        {
            // In the middle nothing is mirrored.
            double across = Step(columns[n], 0, 1), down = Step(rows[n], 0, 1);
            Assert.Equal(1, (across * across) + (down * down), 2e-3);
            Assert.Equal(across, Step(rows[n], 1, 0), 2e-3);
            Assert.Equal(-down, Step(columns[n], 1, 0), 2e-3);
            angles.Add(Math.Atan2(down, across) * 180 / Math.PI);
        }

        Assert.InRange(angles.Max(), 20, 30.1);
        Assert.InRange(angles.Min(), -30.1, -20);

        static double Step(Tensor plane, int y, int x) => plane[(Height / 2) + y, (Width / 2) + x].ToDouble() - plane[Height / 2, Width / 2].ToDouble();
    }

    [Fact]
    public void Read_Masks_TakeTheNearestPixelOfTheImagesGeometry()
    {
        var (columns, rows, masks) = Read(new() { MinimumScale = 0.6, MaximumScale = 1.7, MaximumAngle = 45, HorizontalFlip = true, VerticalFlip = true }, 64);

        // A ramp, interpolated, is the place itself; a mask has the nearest pixel to it.
        Assert.True(masks.select(1, 0).sub(columns).abs().max().ToDouble() < 0.51);
        Assert.True(masks.select(1, 1).sub(rows).abs().max().ToDouble() < 0.51);
        Assert.True(masks.select(1, 2).eq(masks.select(1, 0)).all().ToBoolean());
    }

    [Fact]
    public void Read_ScaleBetweenHalfAndDouble_IsDrawnLogUniformly()
    {
        var (columns, _, _) = Read(new() { HorizontalFlip = false, MinimumScale = 0.5, MaximumScale = 2 }, 600);

        var scales = Enumerable.Range(0, 600).Select(n => 1 / Median(columns[n].diff(1, 1).abs())).ToArray();

        // Uniformly drawn factors would be below 1 in a third of the patches.
        Assert.InRange(scales.Average(scale => scale < 1 ? 1.0 : 0), 0.44, 0.56);
        Assert.InRange(scales.Average(scale => scale < Math.Sqrt(0.5) ? 1.0 : 0), 0.19, 0.31);
        Assert.InRange(scales.Min(), 0.499, 0.55);
        Assert.InRange(scales.Max(), 1.85, 2.002);
    }

    [Fact]
    public void Read_APatchesGeometry_DependsOnSeedEpochAndPatchAlone()
    {
        using var store = Store(8);
        var options = new AugmentationOptions { MinimumScale = 0.75, MaximumScale = 1.5, MaximumAngle = 20, BlurProbability = 0.5 };
        var reader = new BatchReader(store, options, seed: 1, CPU);

        using var all = reader.Read([0, 1, 2, 3, 4, 5, 6, 7], epoch: 2);
        using var two = reader.Read([5, 3], epoch: 2);
        using var later = reader.Read([5, 3], epoch: 3);
        using var other = new BatchReader(store, options, seed: 2, CPU).Read([5, 3], epoch: 2);

        Assert.True(two.Masks.eq(all.Masks.index_select(0, tensor(new long[] { 5, 3 }))).all().ToBoolean());
        Assert.True(two.Images.allclose(all.Images.index_select(0, tensor(new long[] { 5, 3 })), 1e-5, 1e-6));
        Assert.False(two.Masks.eq(later.Masks).all().ToBoolean());
        Assert.False(two.Masks.eq(other.Masks).all().ToBoolean());
        Assert.False(two.Masks[0].eq(two.Masks[1]).all().ToBoolean());
    }

    [Fact]
    public void Read_WithoutMasks_KeepsLabels()
    {
        using var store = TwoTissues.Store(4, maskCount: 0);
        using var batch = new BatchReader(store, new() { MaximumScale = 3 }, seed: 1, CPU).Read([2, 1], epoch: 0);

        Assert.Equal([2, 0, 16, 16], batch.Masks.shape);
        Assert.Equal(store.Label(2).ToArray().Concat(store.Label(1).ToArray()).Select(value => (float)value), batch.Labels.flatten().data<float>().ToArray());
    }

    [Fact]
    public void Read_ManyTimes_LeavesNoTensorsBehind()
    {
        using var store = TwoTissues.Store(8);
        var reader = new BatchReader(store, new() { MinimumScale = 0.75, MaximumScale = 1.5, MaximumAngle = 45 }, seed: 1, CPU);
        reader.Read([0, 1, 2], 0).Dispose();
        var before = TwoTissues.LiveTensors;

        for (var epoch = 0; epoch < 5; epoch++)
        {
            reader.Read([0, 1, 2], epoch).Dispose();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }

    private static (Tensor Columns, Tensor Rows, Tensor Masks) Read(AugmentationOptions options, int count)
    {
        using var store = Store(count);
        var batch = new BatchReader(store, options, seed: 1, CPU).Read([.. Enumerable.Range(0, count)], epoch: 0);
        return (batch.Images.select(1, 0).mul(255), batch.Images.select(1, 1).mul(255), batch.Masks);
    }

    private static PatchStore Store(int count)
    {
        var store = new PatchStore(new PatchLayout(Height, Width, 1, 3));
        for (var n = 0; n < count; n++)
        {
            store.Add();
            for (var pixel = 0; pixel < Height * Width; pixel++)
            {
                var (row, column) = Math.DivRem(pixel, Width);
                store.Image(n)[pixel] = store.Mask(n, 0)[pixel] = store.Mask(n, 2)[pixel] = (byte)column;
                store.Image(n)[(Height * Width) + pixel] = store.Mask(n, 1)[pixel] = (byte)row;
            }
        }

        return store;
    }

    private static double Median(Tensor values) => values.flatten().median().ToDouble();
}
