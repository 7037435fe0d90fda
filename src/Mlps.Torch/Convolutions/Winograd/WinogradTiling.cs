using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>How images are cut into the tiles of Winograd's F(2x2, 3x3): 4x4 inputs for 2x2 outputs.</summary>
/// <remarks>A dilated convolution is a plain one on each of the interleaved grids that its taps reach.</remarks>
/// <param name="Images">N.</param>
/// <param name="Height">H, which padding keeps.</param>
/// <param name="Width">W.</param>
/// <param name="Dilation">D, the distance of the taps, which is the padding too.</param>
internal readonly record struct WinogradTiling(long Images, long Height, long Width, long Dilation)
{
    public const int Tile = 4;
    public const int Output = 2;
    public const int Taps = 3;

    /// <summary>Tiles above each other over one grid.</summary>
    public long Rows => Tiles(Height);

    /// <summary>Tiles beside each other over one grid.</summary>
    public long Columns => Tiles(Width);

    /// <summary>Tiles over all images and grids.</summary>
    public long Count => Images * Dilation * Dilation * Rows * Columns;

    /// <summary>How much larger the tiles' outputs are together than the images, as they do not fit every size.</summary>
    public double Waste => (double)(Count * Output * Output) / (Images * Height * Width);

    public static WinogradTiling Cover(Tensor input, long dilation) => new(input.size(0), input.size(2), input.size(3), dilation);

    /// <summary>The grids [N·D·D, 2·rows + 2·border, 2·columns + 2·border, C] that the taps stay on, zeros around them; from [N, H, W, C].</summary>
    public Tensor Split(Tensor pixels, long border)
    {
        long height = Rows * Output, width = Columns * Output;
        long bottom = (height * Dilation) - Height, right = (width * Dilation) - Width;
        if (Dilation == 1)
        {
            return border + right + bottom == 0 ? pixels.alias() : functional.pad(pixels, [0, 0, border, border + right, border, border + bottom]);
        }

        using var scope = NewDisposeScope();
        var whole = bottom == 0 && right == 0 ? pixels : functional.pad(pixels, [0, 0, 0, right, 0, bottom]);
        var split = whole.reshape(Images, height, Dilation, width, Dilation, -1).permute(0, 2, 4, 1, 3, 5).reshape(Images * Dilation * Dilation, height, width, -1);
        return (border == 0 ? split : functional.pad(split, [0, 0, border, border, border, border])).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the grids [N·D·D, 2·rows, 2·columns, K] together again: [N, H, W, K].</summary>
    public Tensor Join(Tensor grids)
    {
        using var scope = NewDisposeScope();
        long height = Rows * Output, width = Columns * Output;
        var whole = Dilation == 1
            ? grids
            : grids.view(Images, Dilation, Dilation, height, width, -1).permute(0, 3, 1, 4, 2, 5).reshape(Images, height * Dilation, width * Dilation, -1);
        return whole.narrow(1, 0, Height).narrow(2, 0, Width).MoveToOuterDisposeScope();
    }

    private long Tiles(long length) => (length + (Dilation * Output) - 1) / (Dilation * Output);
}
