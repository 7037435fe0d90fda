using static Mlps.Torch.Convolutions.Winograd.WinogradTiling;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>A 3x3 convolution that learns by Winograd's F(2x2, 3x3): forward, gradients of inputs and gradients of weights all have sixteen products where they had thirty-six.</summary>
/// <remarks>Weights are transformed in every step: it pays only for wide layers over many pixels.</remarks>
internal sealed class WinogradFunction : ConvolutionFunction<WinogradFunction>
{
    protected override Tensor Output(Tensor input, Tensor weight, Tensor? bias, long dilation)
    {
        using var transformed = WinogradTransforms.Weights(weight);
        return WinogradConvolution.ConvolveAnew(input, transformed, bias, dilation);
    }

    protected override (Tensor? Input, Tensor? Weight) Gradients(Tensor input, Tensor weight, Tensor gradient, long dilation, bool inputLearns)
    {
        var tiling = WinogradTiling.Cover(input, dilation);
        var grids = tiling.Split(input.permute(0, 2, 3, 1), border: 1);
        var outputs = tiling.Split(gradient.permute(0, 2, 3, 1), border: 0);
        var weights = inputLearns ? WinogradTransforms.Weights(weight) : null;
        var ofInputs = new Tensor[Tile, Tile];
        var ofWeights = new Tensor[Tile * Tile];
        for (var row = 0; row < Tile; row++)
        {
            using var inputsAcross = WinogradTransforms.Inputs(row, grids, 1);
            using var outputsAcross = WinogradTransforms.OutputGradients(row, outputs, 1);
            for (var column = 0; column < Tile; column++)
            {
                using var scope = NewDisposeScope();
                var place = (row * Tile) + column;
                var products = WinogradTransforms.OutputGradients(column, outputsAcross, 2).reshape(tiling.Count, -1);
                var tiles = WinogradTransforms.Inputs(column, inputsAcross, 2).reshape(tiling.Count, -1);
                ofWeights[place] = MatrixProduct.Multiply(products.t().contiguous(), tiles).MoveToOuterDisposeScope();
                if (weights is not null)
                {
                    ofInputs[row, column] = MatrixProduct.Multiply(products, weights[place]).view(-1, tiling.Rows, tiling.Columns, weight.shape[1]).MoveToOuterDisposeScope();
                }
            }
        }

        var ofInput = weights is null ? null : tiling.Join(WinogradTransforms.InputGradients(ofInputs)).permute(0, 3, 1, 2);
        return (ofInput, WinogradTransforms.WeightGradient(ofWeights));
    }
}
