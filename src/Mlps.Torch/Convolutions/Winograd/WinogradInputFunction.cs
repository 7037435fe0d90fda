using static Mlps.Torch.Convolutions.Winograd.WinogradTiling;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>A 3x3 convolution with fixed transformed weights [16, K, C]; its input gradient uses Winograd's algorithm too, for activation maps.</summary>
internal sealed class WinogradInputFunction : ConvolutionFunction<WinogradInputFunction>
{
    protected override Tensor Output(Tensor input, Tensor weight, Tensor? bias, long dilation) => WinogradConvolution.ConvolveAnew(input, weight, bias, dilation);

    protected override (Tensor? Input, Tensor? Weight) Gradients(Tensor input, Tensor weight, Tensor gradient, long dilation, bool inputLearns)
    {
        var tiling = WinogradTiling.Cover(input, dilation);
        var outputs = tiling.Split(gradient.permute(0, 2, 3, 1), border: 0);
        var places = new Tensor[Tile, Tile];
        for (var row = 0; row < Tile; row++)
        {
            using var across = WinogradTransforms.OutputGradients(row, outputs, 1);
            for (var column = 0; column < Tile; column++)
            {
                using var scope = NewDisposeScope();
                var products = WinogradTransforms.OutputGradients(column, across, 2).reshape(tiling.Count, -1);
                places[row, column] = MatrixProduct.Multiply(products, weight[(row * Tile) + column]).view(-1, tiling.Rows, tiling.Columns, weight.shape[2]).MoveToOuterDisposeScope();
            }
        }

        return (tiling.Join(WinogradTransforms.InputGradients(places)).permute(0, 3, 1, 2), null);
    }
}
