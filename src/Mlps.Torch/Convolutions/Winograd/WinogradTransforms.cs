using System.Numerics;
using static Mlps.Torch.Convolutions.Winograd.WinogradTiling;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>Winograd's F(2x2, 3x3) and its gradients: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for each 4x4 tile d; tiles overlap by two.</summary>
/// <remarks>
/// Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016, with the sign of the last row of Bᵀ and of the last column of Aᵀ turned, so that no gradient needs to be.
/// Tensors hold pixels with channels last: grids are [M, 2·rows + 2, 2·columns + 2, C], what belongs to one place of all tiles is [M, rows, columns, C].
/// </remarks>
internal static class WinogradTransforms
{
    /// <summary>Places of a tile: sixteen.</summary>
    public const int Places = Tile * Tile;

    /// <summary>G g Gᵀ: [16, K, C] of weights [K, C, 3, 3].</summary>
    public static Tensor Weights(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return mm(Kernels(weight), weight.reshape(-1, Taps * Taps).t()).view(Places, weight.shape[0], weight.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>The gradient [K, C, 3, 3] of weights from those of the sixteen places, [K, C] each: Gᵀ u G.</summary>
    public static Tensor WeightGradient(IReadOnlyList<Tensor> places)
    {
        if (places[0].dtype is ScalarType.Float32 && places[0].shape[1] >= Vector<float>.Count)
        {
            return WinogradWeightGradient.Compute(places);
        }

        using var scope = NewDisposeScope();
        var stacked = stack(places);
        return mm(stacked.view(Places, -1).t(), Kernels(stacked)).view(stacked.shape[1], stacked.shape[2], Taps, Taps).MoveToOuterDisposeScope();
    }

    /// <summary>A row of Bᵀ over rows or columns of the grids: d₀−d₂, d₁+d₂, d₂−d₁, d₃−d₁.</summary>
    /// <param name="row">0 to 3.</param>
    /// <param name="grids">What is transformed.</param>
    /// <param name="dimension">1 for rows, 2 for columns.</param>
    public static Tensor Inputs(int row, Tensor grids, int dimension)
    {
        using var scope = NewDisposeScope();
        var length = grids.shape[dimension] - Output;
        Tensor At(int offset) => grids.slice(dimension, offset, offset + length - 1, Output);
        var transformed = row switch
        {
            0 => At(0).sub(At(2)),
            1 => At(1).add(At(2)),
            2 => At(2).sub(At(1)),
            _ => At(3).sub(At(1)),
        };
        return transformed.MoveToOuterDisposeScope();
    }

    /// <summary>A row of A over the gradients of outputs: y₀, y₀+y₁, y₀−y₁, y₁.</summary>
    /// <param name="row">0 to 3.</param>
    /// <param name="grids">Gradients of the outputs [M, 2·rows, 2·columns, K], or halved in one dimension already.</param>
    /// <param name="dimension">1 for rows, 2 for columns.</param>
    public static Tensor OutputGradients(int row, Tensor grids, int dimension)
    {
        using var scope = NewDisposeScope();
        Tensor At(int offset) => grids.slice(dimension, offset, grids.shape[dimension], Output);
        var transformed = row switch
        {
            0 => At(0),
            1 => At(0).add(At(1)),
            2 => At(0).sub(At(1)),
            _ => At(1),
        };
        return transformed.MoveToOuterDisposeScope();
    }

    /// <summary>Aᵀ m A of the sixteen products: the outputs [M, 2·rows, 2·columns, K]; it overwrites the products.</summary>
    public static Tensor Outputs(Tensor[,] products) => Both(products, OutputPair);

    /// <summary>B v Bᵀ of the sixteen gradients, which it overwrites: gradients of the inputs [M, 2·rows, 2·columns, C], summed over tiles, without the border.</summary>
    public static Tensor InputGradients(Tensor[,] gradients) => Both(gradients, InputGradientPair);

    private static Tensor Both(Tensor[,] places, Func<Tensor, Tensor, Tensor, Tensor, int, (Tensor First, Tensor Second)> pair)
    {
        using var scope = NewDisposeScope();
        var upper = new Tensor[Tile];
        var lower = new Tensor[Tile];
        for (var column = 0; column < Tile; column++)
        {
            (upper[column], lower[column]) = pair(places[0, column], places[1, column], places[2, column], places[3, column], 1);
        }

        var (upperLeft, upperRight) = pair(upper[0], upper[1], upper[2], upper[3], 2);
        var (lowerLeft, lowerRight) = pair(lower[0], lower[1], lower[2], lower[3], 2);
        return Interleaved(upperLeft, upperRight, lowerLeft, lowerRight).MoveToOuterDisposeScope();
    }

    /// <summary>[M, 2·rows, 2·columns, K] of what belongs to each of the four pixels of all tiles, [M, rows, columns, K].</summary>
    private static Tensor Interleaved(Tensor upperLeft, Tensor upperRight, Tensor lowerLeft, Tensor lowerRight)
    {
        using var scope = NewDisposeScope();
        var (count, rows, columns, channels) = (upperLeft.shape[0], upperLeft.shape[1], upperLeft.shape[2], upperLeft.shape[3]);
        var pixels = empty([count, rows, Output, columns, Output, channels], upperLeft.dtype, upperLeft.device);
        pixels[.., .., 0, .., 0].copy_(upperLeft);
        pixels[.., .., 0, .., 1].copy_(upperRight);
        pixels[.., .., 1, .., 0].copy_(lowerLeft);
        pixels[.., .., 1, .., 1].copy_(lowerRight);
        return pixels.view(count, Output * rows, Output * columns, channels).MoveToOuterDisposeScope();
    }

    /// <summary>The rows of Aᵀ: m₀+m₁+m₂ and m₁−m₂+m₃, in the place of m₀ and m₁.</summary>
    private static (Tensor First, Tensor Second) OutputPair(Tensor m0, Tensor m1, Tensor m2, Tensor m3, int dimension) => (m0.add_(m1).add_(m2), m1.sub_(m2).add_(m3));

    /// <summary>The rows of B, v₀, v₁−v₂−v₃, v₁+v₂−v₀ and v₃: the second and third with the fourth of the tile before and the first of the tile after.</summary>
    private static (Tensor First, Tensor Second) InputGradientPair(Tensor v0, Tensor v1, Tensor v2, Tensor v3, int dimension)
    {
        var tiles = v0.shape[dimension];
        var second = v1.add(v2).sub_(v0);
        var first = v1.sub_(v2).sub_(v3);
        if (tiles > 1)
        {
            first.narrow(dimension, 1, tiles - 1).add_(v3.narrow(dimension, 0, tiles - 1));
            second.narrow(dimension, 0, tiles - 1).add_(v0.narrow(dimension, 1, tiles - 1));
        }

        return (first, second);
    }

    /// <summary>[16, 9]: what each tap gives to each place; rows of G are (1, 0, 0), (½, ½, ½), (½, −½, ½) and (0, 0, 1).</summary>
    private static Tensor Kernels(Tensor like)
    {
        using var scope = NewDisposeScope();
        var g = tensor([1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1], [Tile, Taps], like.dtype, like.device);
        return kron(g, g).MoveToOuterDisposeScope();
    }
}
