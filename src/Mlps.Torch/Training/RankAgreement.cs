using System.Text;
using System.Text.Json;
using Mlps.Torch.Ranks;
using Mlps.Torch.Serialization;
using Mlps.Torch.Training.Checkpoints;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Finds out whether all ranks do the same.</summary>
internal static class RankAgreement
{
    /// <summary>Throws on all ranks where one of them is made of something else than rank 0.</summary>
    /// <param name="ranks">All ranks come here with their own values.</param>
    /// <param name="own">What this rank's run is made of.</param>
    /// <exception cref="TrainingException">The message names the first rank that differs and how.</exception>
    public static void Require(RankGroup ranks, CheckpointFingerprint own)
    {
        var first = JsonSerializer.Deserialize(OfFirst(ranks, Serialize(own.Values), 0), JsonContracts.Get<Dictionary<string, string>>(TrainingCheckpoint.Json))!;
        var difference = own.Difference(first) is var (path, here, there) ? $"{path} is {here} on rank {ranks.Rank} and {there} on rank 0" : null;
        var differs = new long[ranks.Count];
        differs[ranks.Rank] = difference is null ? 0 : 1;
        ranks.Sum(differs.AsSpan());
        var odd = Array.IndexOf(differs, 1);
        if (odd >= 0)
        {
            var words = Encoding.UTF8.GetString(OfFirst(ranks, Encoding.UTF8.GetBytes(difference is null ? string.Empty : ShortText.OfMessage(difference)), odd));
            throw new TrainingException($"The ranks do not train the same: {words}. Give all of them the same options, data, files and kind of device.");
        }
    }

    /// <summary>Throws on all ranks where some train on CPUs and others on GPUs: gradients lie in another order there, and steps round otherwise.</summary>
    /// <param name="ranks">All ranks come here.</param>
    /// <param name="device">This rank's.</param>
    /// <exception cref="TrainingException">The message names the first rank that has another kind of device than rank 0.</exception>
    public static void RequireDevices(RankGroup ranks, Device device) =>
        Require(ranks, new CheckpointFingerprint().Add("Device", device.type.ToString()));

    /// <summary>Throws on all ranks where the batches of a run cannot be shared by so many.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="plan">The batches.</param>
    /// <param name="together">Patches that one rank must have together.</param>
    /// <exception cref="TrainingException">A batch is no multiple of the number of ranks, or has fewer patches.</exception>
    public static void RequireShares(RankGroup ranks, EpochPlan plan, int together)
    {
        if (plan.PatchCount >= plan.BatchSize && plan.BatchSize / together % ranks.Count != 0)
        {
            var squares = together > 1 ? $" in squares of {together} patches" : string.Empty;
            throw new TrainingException($"A batch of {plan.BatchSize} patches cannot be shared evenly by {ranks.Count} ranks{squares}. Give a batch size that is a multiple of {ranks.Count * together}, or start another number of ranks.");
        }

        var smallest = plan.SizeOf(plan.StepsPerEpoch - 1);
        if (smallest / (smallest % together == 0 ? together : 1) < ranks.Count)
        {
            throw new TrainingException($"The {(plan.StepsPerEpoch == 1 ? "only" : "last")} batch of an epoch has {smallest} patches, too few for {ranks.Count} ranks. Start fewer ranks, give more patches, or {(plan.StepsPerEpoch == 1 ? "train alone" : "another batch size")}.");
        }
    }

    private static byte[] Serialize(IReadOnlyDictionary<string, string> values) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(values), JsonContracts.Get<Dictionary<string, string>>(TrainingCheckpoint.Json));

    /// <summary>A rank's bytes, on all ranks.</summary>
    private static byte[] OfFirst(RankGroup ranks, byte[] own, int root)
    {
        var length = BitConverter.GetBytes(own.Length);
        ranks.Broadcast(length, root);
        var bytes = ranks.Rank == root ? own : new byte[BitConverter.ToInt32(length)];
        ranks.Broadcast(bytes, root);
        return bytes;
    }
}
