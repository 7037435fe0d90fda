using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Creates the networks' BatchNorms, which start as the identity.</summary>
internal static class BatchNorm
{
    public static BatchNorm2d Create(int channels)
    {
        var norm = nn.BatchNorm2d(channels, device: WeightMemory.Device, dtype: ScalarType.Float32);

        // Given an element type, TorchSharp makes this a number of that type, too.
        norm.num_batches_tracked = tensor(0L, ScalarType.Int64, CPU);
        return norm;
    }
}
