using Mlps.Torch.Data;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Setup;

/// <summary>Patches of noise.</summary>
internal static class RandomPatches
{
    public static PatchStore Fill(int patches, int size, int classCount, int maskCount)
    {
        var store = new PatchStore(new PatchLayout(size, size, classCount, maskCount));
        var random = new Random(1);
        for (var n = 0; n < patches; n++)
        {
            var index = store.Add();
            random.NextBytes(store.Image(index));
            store.Label(index)[n % classCount] = 1;
            for (var mask = 0; mask < maskCount; mask++)
            {
                store.Mask(index, mask).Fill((byte)(n % classCount));
            }
        }

        return store;
    }

    /// <summary>The first patches as a batch, unvaried.</summary>
    public static PatchBatch Batch(PatchStore store, int count) =>
        new BatchReader(store, new AugmentationOptions { HorizontalFlip = false, VerticalFlip = false, QuarterTurns = false, StainJitter = 0, BlurProbability = 0 }, seed: 0, CPU)
            .Read([.. Enumerable.Range(0, count)], epoch: 0);
}
