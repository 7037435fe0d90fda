using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>
/// A 3x3 convolution by Winograd's F(2x2, 3x3): sixteen products for four outputs where the plain sum has thirty-six, so that wide layers take two thirds of the time on a CPU. The result differs by
/// rounding. Weights take 16/9 of their room besides the plain ones.
/// </summary>
/// <remarks>
/// Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for each tile d of 4x4 inputs, which overlap by two. The products over the channels are
/// sixteen 1x1 convolutions. A dilated convolution is a plain one on each of the grids that its taps jump over.
/// </remarks>
internal sealed class WinogradConvolution : IDisposable
{
    private const int Tile = 4;
    private const int Output = 2;
    private const int MinimumChannels = 256;

    /// <summary>Products below which passing the tiles to and fro costs more than it saves.</summary>
    private const long MinimumProducts = 256L * 256 * 784;

    /// <summary>How much larger the tiles may be together than the image, as they do not fit every size.</summary>
    private const double MaximumWaste = 1.15;

    private readonly Tensor[] _weights;
    private readonly Tensor? _bias;
    private readonly long _dilation;
    private readonly long _inputs;
    private readonly long _outputs;

    /// <param name="weight">[K, C, 3, 3].</param>
    /// <param name="bias">[K], or null; belongs to the caller, who keeps it as long as this object.</param>
    /// <param name="dilation">Distance of the taps, which is the padding too.</param>
    public WinogradConvolution(Tensor weight, Tensor? bias, long dilation)
    {
        using var scope = NewDisposeScope();
        (_outputs, _inputs, _bias, _dilation) = (weight.shape[0], weight.shape[1], bias, dilation);
        var g = tensor([1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1], [Tile, 3], weight.dtype, weight.device);
        var transformed = einsum("ai,kcij,bj->abkc", g, weight, g);
        _weights = [.. from row in Enumerable.Range(0, Tile) from column in Enumerable.Range(0, Tile) select transformed[row][column].contiguous().view(_outputs, _inputs, 1, 1).DetachFromDisposeScope()];
    }

    /// <summary>Whether a convolution is one that this can do, and wide enough to gain by it. GPUs' own libraries choose such ways by themselves.</summary>
    public static bool Suits(Conv2d convolution) =>
        convolution.weight.device_type is TorchSharp.DeviceType.CPU
        && convolution.weight.shape is [>= MinimumChannels, >= MinimumChannels, 3, 3]
        && convolution.groups == 1
        && convolution.stride.All(stride => stride == 1)
        && convolution.dilation.Distinct().Count() == 1
        && convolution.padding!.SequenceEqual(convolution.dilation);

    /// <summary>Whether images of this number and size are done faster this way.</summary>
    public bool Pays(Tensor input)
    {
        long height = input.shape[2], width = input.shape[3];
        var (rows, columns) = (Tiles(height), Tiles(width));
        var tiles = input.shape[0] * _dilation * _dilation * rows * columns;
        var waste = (double)(rows * columns * _dilation * _dilation * Output * Output) / (height * width);
        return waste <= MaximumWaste && tiles * _inputs * _outputs >= MinimumProducts;
    }

    /// <summary>The convolution of [N, C, H, W], as [N, K, H, W] with channels last.</summary>
    public Tensor Forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (count, height, width) = (input.shape[0], input.shape[2], input.shape[3]);
        var (rows, columns) = (Tiles(height), Tiles(width));
        var grids = Grids(input.permute(0, 2, 3, 1), rows * Output, columns * Output);
        var output = Outputs(Products(grids, rows, columns), rows, columns);
        var joined = Join(output, count, rows * Output, columns * Output).narrow(1, 0, height).narrow(2, 0, width);
        return (_bias is null ? joined : joined.add_(_bias)).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose() => Array.ForEach(_weights, weight => weight.Dispose());

    /// <summary>Tiles beside each other over one of the grids of an axis.</summary>
    private long Tiles(long length) => (length + (_dilation * Output) - 1) / (_dilation * Output);

    /// <summary>The grids [N·D·D, H+2, W+2, C] that the taps stay on, with a border of zeros; from [N, H, W, C].</summary>
    private Tensor Grids(Tensor pixels, long height, long width)
    {
        long bottom = (height * _dilation) - pixels.shape[1], right = (width * _dilation) - pixels.shape[2];
        if (_dilation == 1)
        {
            return functional.pad(pixels, [0, 0, 1, 1 + right, 1, 1 + bottom]);
        }

        var whole = bottom == 0 && right == 0 ? pixels : functional.pad(pixels, [0, 0, 0, right, 0, bottom]);
        var split = whole.reshape(pixels.shape[0], height, _dilation, width, _dilation, _inputs).permute(0, 2, 4, 1, 3, 5).reshape(-1, height, width, _inputs);
        return functional.pad(split, [0, 0, 1, 1, 1, 1]);
    }

    /// <summary>Puts the grids [N·D·D, H, W, K] together again: [N, H·D, W·D, K].</summary>
    private Tensor Join(Tensor grids, long count, long height, long width) => _dilation == 1
        ? grids
        : grids.view(count, _dilation, _dilation, height, width, _outputs).permute(0, 3, 1, 4, 2, 5).reshape(count, height * _dilation, width * _dilation, _outputs);

    /// <summary>The sixteen products [M, rows, columns, K] over the channels, of the transformed tiles Bᵀ d B.</summary>
    private Tensor[,] Products(Tensor grids, long rows, long columns)
    {
        var products = new Tensor[Tile, Tile];
        for (var row = 0; row < Tile; row++)
        {
            using var scope = NewDisposeScope();
            var across = Transform(row, offset => grids.slice(1, offset, offset + (Output * rows) - 1, Output));
            for (var column = 0; column < Tile; column++)
            {
                using var tiles = Transform(column, offset => across.slice(2, offset, offset + (Output * columns) - 1, Output));
                products[row, column] = functional.conv2d(tiles.permute(0, 3, 1, 2), _weights[(row * Tile) + column]).permute(0, 2, 3, 1).MoveToOuterDisposeScope();
            }
        }

        return products;
    }

    /// <summary>A row of Bᵀ: d₀−d₂, d₁+d₂, d₂−d₁, d₁−d₃.</summary>
    private static Tensor Transform(int row, Func<int, Tensor> input)
    {
        using var scope = NewDisposeScope();
        var transformed = row switch
        {
            0 => input(0).sub(input(2)),
            1 => input(1).add(input(2)),
            2 => input(2).sub(input(1)),
            _ => input(1).sub(input(3)),
        };
        return transformed.MoveToOuterDisposeScope();
    }

    /// <summary>Aᵀ m A of the products, as [M, 2·rows, 2·columns, K]. The products are used up.</summary>
    private Tensor Outputs(Tensor[,] products, long rows, long columns)
    {
        var upper = new Tensor[Tile];
        var lower = new Tensor[Tile];
        for (var column = 0; column < Tile; column++)
        {
            (upper[column], lower[column]) = Sums(products[0, column], products[1, column], products[2, column], products[3, column]);
        }

        var (upperLeft, upperRight) = Sums(upper[0], upper[1], upper[2], upper[3]);
        var (lowerLeft, lowerRight) = Sums(lower[0], lower[1], lower[2], lower[3]);
        var lines = stack([stack([upperLeft, upperRight], 3), stack([lowerLeft, lowerRight], 3)], 2);
        return lines.view(-1, Output * rows, Output * columns, _outputs);
    }

    /// <summary>The rows of Aᵀ: m₀+m₁+m₂ and m₁−m₂−m₃, in the place of m₀ and m₁.</summary>
    private static (Tensor First, Tensor Second) Sums(Tensor m0, Tensor m1, Tensor m2, Tensor m3) => (m0.add_(m1).add_(m2), m1.sub_(m2).sub_(m3));
}
