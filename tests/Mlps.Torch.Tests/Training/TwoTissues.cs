using System.Security.Cryptography;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

/// <summary>Small patches of two tissues that a small network can tell apart: a reddish one and a bluish one, side by side.</summary>
internal static class TwoTissues
{
    public const int ClassCount = 2;
    public const int Size = 16;

    /// <summary>Patches whose halves are each one of the tissues; label and three equal masks are the truth, with a row of background on top.</summary>
    public static PatchStore Store(int count, int maskCount = 3, int size = Size, long? memoryBudget = null)
    {
        var store = new PatchStore(new PatchLayout(size, size, ClassCount, maskCount), memoryBudget);
        var random = new RandomStream(7);
        for (var n = 0; n < count; n++)
        {
            var index = store.Add();
            int[] halves = [random.Next(2), random.Next(2)];
            for (var pixel = 0; pixel < size * size; pixel++)
            {
                var tissue = halves[pixel % size < size / 2 ? 0 : 1];
                var noise = random.Next(60);
                store.Image(index)[pixel] = (byte)((tissue == 0 ? 180 : 60) + noise);
                store.Image(index)[(size * size) + pixel] = (byte)(60 + noise);
                store.Image(index)[(2 * size * size) + pixel] = (byte)((tissue == 1 ? 180 : 60) + noise);
                for (var mask = 0; mask < maskCount; mask++)
                {
                    store.Mask(index, mask)[pixel] = (byte)(pixel < size ? ClassCount : tissue);
                }
            }

            store.Label(index)[halves[0]] = 1;
            store.Label(index)[halves[1]] = 1;
        }

        return store;
    }

    public static ResNet38 Classifier(long seed = 1, int classCount = ClassCount) => new(classCount, 1.0 / 32, seed);

    public static DeepLabV3Plus Segmenter(long seed = 1, int classCount = ClassCount) =>
        new(classCount, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 0.25 }, seed);

    /// <summary>Images [N, 3, H, W] of random bytes, darker and lighter by squares of 8x8 pixels.</summary>
    public static Tensor RandomImages(int count, int height, int width, long seed = 3)
    {
        var stream = new RandomStream(seed);
        var bytes = new byte[count * 3 * height * width];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (y, x) = (i / width % height / 8, i % width / 8);
            var brightness = new RandomStream(seed, i / (width * height), (100 * y) + x).Next(200);
            bytes[i] = (byte)(brightness + stream.Next(56));
        }

        return tensor(bytes, [count, 3, height, width]);
    }

    /// <summary>A hash of the bits of every weight and statistic, by name.</summary>
    public static Dictionary<string, string> Weights(nn.Module network)
    {
        using var scope = NewDisposeScope();
        return network.state_dict().ToDictionary(
            entry => entry.Key,
            entry => Convert.ToHexString(SHA256.HashData(entry.Value.detach().contiguous().bytes)));
    }

    /// <summary>Tensors alive on this thread.</summary>
    public static long LiveTensors => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
