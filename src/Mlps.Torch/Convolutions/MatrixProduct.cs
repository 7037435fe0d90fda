using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>Matrix products on CPUs as 1x1 convolutions by oneDNN, which are twice as fast on AMD processors.</summary>
internal static class MatrixProduct
{
    /// <summary>[A, B] times [B, C], both contiguous: [A, C].</summary>
    public static Tensor Multiply(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        var product = functional.conv2d(right.view(1, right.size(0), 1, right.size(1)), left.view(left.size(0), left.size(1), 1, 1));
        return product.view(left.size(0), right.size(1)).MoveToOuterDisposeScope();
    }
}
