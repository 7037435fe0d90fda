using static TorchSharp.torch;

namespace Mlps.Torch.Ranks;

/// <summary>The part of a batch that this process computes.</summary>
/// <param name="Ranks">Those who share the batch; null where this process computes all of it.</param>
/// <param name="First">The first of its patches in the batch, from 0.</param>
/// <param name="Count">Its patches.</param>
/// <param name="Whole">The batch's patches.</param>
internal sealed record BatchShare(RankGroup? Ranks, int First, int Count, int Whole)
{
    /// <summary>All of a batch.</summary>
    public static BatchShare All(int count) => new(null, 0, count, count);

    /// <summary>This rank's part of a batch: ranks take runs of patches in their order, as equal as they can be.</summary>
    /// <param name="ranks">Null for none.</param>
    /// <param name="whole">The batch's patches.</param>
    /// <param name="together">Patches that one rank must have together; where the batch is no multiple, they stand alone.</param>
    public static BatchShare Of(RankGroup? ranks, int whole, int together)
    {
        if (ranks is null)
        {
            return All(whole);
        }

        var size = whole % together == 0 ? together : 1;
        var squares = (long)whole / size;
        var first = (int)(squares * ranks.Rank / ranks.Count) * size;
        var end = (int)(squares * (ranks.Rank + 1) / ranks.Count) * size;
        return new(ranks, first, end - first, whole);
    }

    /// <summary>This rank's patches of a batch.</summary>
    public int[] Of(int[] batch) => Ranks is null ? batch : batch[First..(First + Count)];

    /// <summary>How many of something the whole batch has, of which this rank's patches have so many alike.</summary>
    public long InWhole(long own) => own * Whole / Count;

    /// <summary>The sum over all ranks of what each has of the batch; gradients are those of this rank's own part.</summary>
    public Tensor Sum(Tensor own) => Ranks.SumOver(own);
}
