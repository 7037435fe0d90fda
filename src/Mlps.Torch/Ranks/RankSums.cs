using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Ranks;

/// <summary>Sums of tensors over all ranks.</summary>
internal static class RankSums
{
    /// <summary>Elements that are exchanged at once: their bytes must fit a span.</summary>
    private const long MaximumElements = 1 << 26;

    /// <summary>Replaces a contiguous tensor of floats, doubles or 64-bit integers by its sum over all ranks; through the host's memory where it is on a GPU.</summary>
    public static void Sum(this RankGroup ranks, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (tensor.device_type is not DeviceType.CPU)
        {
            var host = tensor.cpu();
            ranks.Sum(host);
            tensor.copy_(host);
            return;
        }

        var flat = tensor.detach().view(-1);
        for (var start = 0L; start < flat.numel(); start += MaximumElements)
        {
            using var part = flat.narrow(0, start, Math.Min(MaximumElements, flat.numel() - start));
            switch (part.dtype)
            {
                case ScalarType.Float32:
                    ranks.Sum(MemoryMarshal.Cast<byte, float>(part.bytes));
                    break;
                case ScalarType.Float64:
                    ranks.Sum(MemoryMarshal.Cast<byte, double>(part.bytes));
                    break;
                case ScalarType.Int64:
                    ranks.Sum(MemoryMarshal.Cast<byte, long>(part.bytes));
                    break;
                default:
                    throw new ArgumentException($"Tensors of {part.dtype} are not summed over ranks; give Float32, Float64 or Int64.", nameof(tensor));
            }
        }
    }

    /// <summary>The sum over all ranks of what each has; gradients are those of this rank's own part.</summary>
    /// <remarks>Every rank computes the same loss of such sums, and the gradients of all ranks add up to the loss's. Without ranks, the tensor itself.</remarks>
    /// <param name="ranks">Null for none.</param>
    /// <param name="own">This rank's part.</param>
    public static Tensor SumOver(this RankGroup? ranks, Tensor own)
    {
        if (ranks is null)
        {
            return own;
        }

        using var scope = NewDisposeScope();
        using var sum = own.detach().contiguous().clone();
        ranks.Sum(sum);

        // The difference is 0: what is left is the value of the sum, with the gradient of the part.
        return own.is_floating_point() ? own.sub(own.detach()).add(sum).MoveToOuterDisposeScope() : sum.clone().MoveToOuterDisposeScope();
    }
}
