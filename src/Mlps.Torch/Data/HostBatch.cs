namespace Mlps.Torch.Data;

/// <summary>A batch as it comes from the store: turned and flipped, not yet tensors.</summary>
/// <param name="Images">Bytes [N, 3, H, W].</param>
/// <param name="Labels">Bytes [N, C].</param>
/// <param name="Masks">Bytes [N, M, H, W].</param>
/// <param name="Streams">What the rest of each patch's variation is drawn from.</param>
internal sealed record HostBatch(byte[] Images, byte[] Labels, byte[] Masks, RandomStream[] Streams)
{
    public int Count => Streams.Length;
}
