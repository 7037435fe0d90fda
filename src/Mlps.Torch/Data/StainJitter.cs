using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>Varies the amounts of hematoxylin and eosin in images, as stains vary from laboratory to laboratory.</summary>
/// <remarks>
/// Colours become optical densities, which add up by stain (Beer and Lambert); a matrix takes them to amounts of stain, which are scaled and
/// shifted, and back. Stain vectors: Ruifrok and Johnston 2001. Idea: Tellez et al. 2018.
/// </remarks>
internal static class StainJitter
{
    private const float DarkestIntensity = 1 / 255f;

    /// <summary>How much of the strength goes into the shift of a stain's amount, in optical density.</summary>
    private const double ShiftShare = 0.25;

    private static readonly float[] StainVectors =
    [
        0.65f, 0.70f, 0.29f,
        0.07f, 0.99f, 0.11f,
        0.27f, 0.57f, 0.78f,
    ];

    /// <summary>Images [N, 3, H, W] in [0, 1] with each image's stains varied by its own draw from <paramref name="random"/>.</summary>
    public static Tensor Apply(Tensor images, double strength, ReadOnlySpan<RandomStream> random)
    {
        using var scope = NewDisposeScope();
        using var stains = tensor(StainVectors, [3, 3], device: CPU);
        using var unmix = stains.inverse();
        var count = random.Length;
        var scales = new float[count * 3];
        var shifts = new float[count * 3];
        for (var n = 0; n < count; n++)
        {
            var stream = random[n];
            for (var stain = 0; stain < 3; stain++)
            {
                scales[(n * 3) + stain] = (float)stream.Next(1 - strength, 1 + strength);
                shifts[(n * 3) + stain] = (float)(ShiftShare * stream.Next(-strength, strength));
            }
        }

        var transform = Upload.To(unmix.unsqueeze(0).mul(tensor(scales, [count, 1, 3], device: CPU)).matmul(stains), images.device);
        var shift = Upload.To(tensor(shifts, [count, 1, 3], device: CPU).matmul(stains).transpose(1, 2), images.device);

        // Densities are negative logarithms; their signs come and go, and are left out on both ways.
        var logarithms = images.clamp_min(DarkestIntensity).log_().flatten(2);
        var varied = transform.transpose(1, 2).matmul(logarithms).sub_(shift);
        return varied.exp_().clamp_max_(1).view(images.shape).MoveToOuterDisposeScope();
    }
}
