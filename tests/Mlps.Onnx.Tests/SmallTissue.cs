using System.Collections.Concurrent;
using Mlps.ML;
using Mlps.ML.Synthetic;
using Mlps.Torch.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Onnx.Tests;

/// <summary>A few patches of synthetic tissue, painted once.</summary>
internal static class SmallTissue
{
    private static readonly ConcurrentDictionary<(int Size, int Index), (byte[] Pixels, byte[] Map)> _painted = [];

    /// <summary>Bytes [N, 3, H, W], cut from larger squares.</summary>
    public static Tensor Images(int count, int height, int width)
    {
        using var scope = NewDisposeScope();
        var size = Math.Max(height, width);
        var images = Enumerable.Range(0, count).Select(index => tensor(Paint(size, index).Pixels, [size, size, 3]).narrow(0, 0, height).narrow(1, 0, width).permute(2, 0, 1));
        return stack(images).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The true class [N, H, W] of each pixel of square images; C on white slide.</summary>
    public static Tensor Masks(int count, int size)
    {
        using var scope = NewDisposeScope();
        return stack(Enumerable.Range(0, count).Select(index => tensor(Paint(size, index).Map, [size, size]))).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }

    private static (byte[] Pixels, byte[] Map) Paint(int size, int index) => _painted.GetOrAdd((size, index), static key =>
    {
        var options = new SyntheticTissueOptions { ClassCount = SmallModel.Classes.Count };
        var random = new RandomStream(options.Seed, 1, key.Index);
        var map = RegionMap.Draw(key.Size, key.Index % options.ClassCount, options, ref random);
        return (TissuePainter.Paint(key.Size, map, options.ClassCount, ref random), map);
    });
}
