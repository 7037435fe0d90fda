using static Mlps.Torch.Convolutions.Winograd.WinogradTiling;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>A 3x3 convolution by Winograd's F(2x2, 3x3), in two thirds of the time for wide layers on a CPU.</summary>
/// <remarks>The result differs by rounding. Transformed weights take 16/9 of the plain ones' memory, in addition to them.</remarks>
internal sealed class WinogradConvolution : IDisposable
{
    private readonly Tensor _weights;
    private readonly Tensor? _bias;
    private readonly long _dilation;

    /// <param name="weight">[K, C, 3, 3].</param>
    /// <param name="bias">[K], or null; belongs to the caller, who keeps it as long as this object.</param>
    /// <param name="dilation">Distance of the taps, which is the padding too.</param>
    public WinogradConvolution(Tensor weight, Tensor? bias, long dilation)
    {
        (_bias, _dilation) = (bias, dilation);
        _weights = WinogradTransforms.Weights(weight).DetachFromDisposeScope();
    }

    /// <summary>The convolution of [N, C, H, W], as [N, K, H, W] with channels last.</summary>
    public Tensor Forward(Tensor input)
    {
        if (is_grad_enabled() && input.requires_grad)
        {
            return WinogradInputFunction.Convolve(input, _weights, _bias, _dilation);
        }

        using var scope = NewDisposeScope();
        var joined = Convolve(input, _weights, _dilation);
        return (_bias is null ? joined : joined.add_(_bias)).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();

    /// <summary>The convolution of [N, C, H, W] with transformed weights [16, K, C] and an optional bias: a new channels-last tensor [N, K, H, W].</summary>
    internal static Tensor ConvolveAnew(Tensor input, Tensor weights, Tensor? bias, long dilation)
    {
        using var scope = NewDisposeScope();
        var output = Convolve(input, weights, dilation).permute(0, 3, 1, 2);
        return (bias is null ? output.clone() : output.add(bias.view(1, -1, 1, 1))).MoveToOuterDisposeScope();
    }

    /// <summary>The convolution of [N, C, H, W] with transformed weights [16, K, C]: [N, H, W, K].</summary>
    internal static Tensor Convolve(Tensor input, Tensor weights, long dilation)
    {
        using var scope = NewDisposeScope();
        var tiling = WinogradTiling.Cover(input, dilation);
        var grids = tiling.Split(input.permute(0, 2, 3, 1), border: 1);
        return tiling.Join(WinogradTransforms.Outputs(Products(grids, weights))).MoveToOuterDisposeScope();
    }

    /// <summary>The sixteen products [M, rows, columns, K] of the transformed tiles Bᵀ d B over the channels, computed as 1x1 convolutions.</summary>
    private static Tensor[,] Products(Tensor grids, Tensor weights)
    {
        var products = new Tensor[Tile, Tile];
        for (var row = 0; row < Tile; row++)
        {
            using var scope = NewDisposeScope();
            var across = WinogradTransforms.Inputs(row, grids, 1);
            for (var column = 0; column < Tile; column++)
            {
                using var tiles = WinogradTransforms.Inputs(column, across, 2);
                var weight = weights[(row * Tile) + column].unsqueeze(-1).unsqueeze(-1);
                products[row, column] = functional.conv2d(tiles.permute(0, 3, 1, 2), weight).permute(0, 2, 3, 1).MoveToOuterDisposeScope();
            }
        }

        return products;
    }
}
