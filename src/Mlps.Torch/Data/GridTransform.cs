namespace Mlps.Torch.Data;

/// <summary>One of the eight flips and quarter turns of a square grid; no value is changed or interpolated.</summary>
/// <param name="FlipRows">Top and bottom swapped.</param>
/// <param name="FlipColumns">Left and right swapped.</param>
/// <param name="Transpose">Rows and columns swapped, before the flips; for square grids only.</param>
internal readonly record struct GridTransform(bool FlipRows, bool FlipColumns, bool Transpose)
{
    /// <summary>Writes the transformed [H, W] grid; height and width are equal where <see cref="Transpose"/> is set.</summary>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width)
    {
        if (this == default)
        {
            source.CopyTo(target);
            return;
        }

        int rowStep = Transpose ? 1 : width, columnStep = Transpose ? width : 1;
        var start = 0;
        if (FlipRows)
        {
            start += (height - 1) * rowStep;
            rowStep = -rowStep;
        }

        if (FlipColumns)
        {
            start += (width - 1) * columnStep;
            columnStep = -columnStep;
        }

        for (var y = 0; y < height; y++)
        {
            var from = start + (y * rowStep);
            var row = target.Slice(y * width, width);
            for (var x = 0; x < row.Length; x++, from += columnStep)
            {
                row[x] = source[from];
            }
        }
    }
}
