using Mlps.Torch.Data;

namespace Mlps.Torch.Training;

/// <summary>Which patches make up which batch: shuffled anew each epoch, fixed by the seed.</summary>
/// <param name="PatchCount">Patches in the store.</param>
/// <param name="BatchSize">Patches in a batch; where the store has fewer, they are one batch.</param>
/// <param name="KeepShortBatch">Whether an incomplete last batch is used.</param>
/// <param name="Seed">What the shuffling is drawn from.</param>
internal sealed record EpochPlan(int PatchCount, int BatchSize, bool KeepShortBatch, long Seed)
{
    private const int ShuffleStream = -1;

    public int StepsPerEpoch => KeepShortBatch ? (PatchCount + BatchSize - 1) / BatchSize : Math.Max(1, PatchCount / BatchSize);

    /// <summary>Patches in the batch of a step of an epoch, from 0.</summary>
    public int SizeOf(int step) => Math.Min(BatchSize, PatchCount - (step * BatchSize));

    /// <summary>The epoch's batches, as patch indices.</summary>
    public IEnumerable<int[]> Batches(int epoch)
    {
        var random = new RandomStream(Seed, epoch, ShuffleStream);
        return random.Permutation(PatchCount).Chunk(BatchSize).Take(StepsPerEpoch);
    }
}
