using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>A batch as a training step needs it, on the network's device.</summary>
/// <param name="Images">[N, 3, H, W] floats in [0, 1].</param>
/// <param name="Labels">[N, C] floats, 1 where the tissue occurs.</param>
/// <param name="Masks">[N, M, H, W] class indices (64-bit).</param>
internal sealed record PatchBatch(Tensor Images, Tensor Labels, Tensor Masks) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        Masks.Dispose();
    }
}
