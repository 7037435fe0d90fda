using Mlps.Torch.Inference;

namespace Mlps.Onnx.Scoring;

/// <summary>Averages the outputs of overlapping windows, and hands out rows as soon as no window covers them again.</summary>
/// <remarks>The sums are those of the library's own merger, in the same order.</remarks>
/// <param name="channels">C of an output [C, h, w].</param>
/// <param name="plan">The windows over one image.</param>
/// <param name="take">Takes rows from top to bottom.</param>
internal sealed class PixelBand(int channels, WindowPlan plan, RowTaker take)
{
    private readonly (float[] Rows, float[] Columns)[] _totals = [.. Enumerable.Range(0, plan.Views).Select(plan.TotalWeights)];
    private readonly Dictionary<int, float[]> _weights = [];
    private float[] _band = [];
    private int _top;
    private int _rows;

    private int ChannelLength => _rows * plan.Width;

    /// <summary>Makes room for rows above this one.</summary>
    public void Reserve(int bottom)
    {
        if (bottom - _top <= _rows)
        {
            return;
        }

        var (old, oldLength) = (_band, ChannelLength);
        _rows = bottom - _top;
        _band = new float[channels * ChannelLength];
        for (var channel = 0; channel < channels; channel++)
        {
            old.AsSpan(channel * oldLength, oldLength).CopyTo(_band.AsSpan(channel * ChannelLength));
        }
    }

    /// <summary>Adds the output [C, h, w] for a window, as the network saw it or laid back on the image.</summary>
    public void Add(ImageWindow window, ReadOnlySpan<float> output, bool isLaidBack = false)
    {
        var view = isLaidBack ? 0 : window.View;
        var (rows, columns) = ImageViews.IsTransposed(view) ? (window.Width, window.Height) : (window.Height, window.Width);
        var (start, down, right) = ImageViews.Walk(view, window.Height, window.Width, plan.Width);
        var (first, at) = (((window.Top - _top) * plan.Width) + window.Left + start, 0);
        var factors = Factors(window);
        var (factorStart, factorDown, factorRight) = ImageViews.Walk(view, window.Height, window.Width, window.Width);
        for (var channel = 0; channel < channels; channel++)
        {
            var band = _band.AsSpan(channel * ChannelLength, ChannelLength);
            for (var row = 0; row < rows; row++)
            {
                for (int column = 0, to = first + (row * down), factor = factorStart + (row * factorDown); column < columns; column++, to += right, factor += factorRight)
                {
                    band[to] += factors is null ? output[at] : output[at] * factors[factor];
                    at++;
                }
            }
        }
    }

    /// <summary>Hands out the rows above this one.</summary>
    public void Finish(int top)
    {
        var rows = top - _top;
        if (rows <= 0)
        {
            return;
        }

        Divide(rows);
        take(_top, rows, _band, ChannelLength);
        for (var channel = 0; channel < channels; channel++)
        {
            var band = _band.AsSpan(channel * ChannelLength, ChannelLength);
            band[(rows * plan.Width)..].CopyTo(band);
            band[^(rows * plan.Width)..].Clear();
        }

        _top = top;
    }

    /// <summary>What each pixel [h, w] of a window counts, over all that lies on it where there are several views; null for 1 each.</summary>
    private float[]? Factors(ImageWindow window)
    {
        if (plan.Views == 1 && plan.Weights is WindowWeights.Uniform)
        {
            return null;
        }

        var (along, across) = (Weights(window.Height), Weights(window.Width));
        var (totalRows, totalColumns) = _totals[window.View];
        var factors = new float[window.Height * window.Width];
        for (int row = 0, at = 0; row < window.Height; row++)
        {
            for (var column = 0; column < window.Width; column++, at++)
            {
                var weight = along[row] * across[column];

                // Each view is averaged by its own total weight, as its windows lie differently.
                factors[at] = plan.Views > 1 ? weight / (totalRows[window.Top + row] * totalColumns[window.Left + column]) : weight;
            }
        }

        return factors;
    }

    private void Divide(int rows)
    {
        for (var channel = 0; channel < channels; channel++)
        {
            for (var row = 0; row < rows; row++)
            {
                var values = _band.AsSpan((channel * ChannelLength) + (row * plan.Width), plan.Width);
                for (var column = 0; column < values.Length; column++)
                {
                    values[column] /= plan.Views > 1 ? plan.Views : _totals[0].Rows[_top + row] * _totals[0].Columns[column];
                }
            }
        }
    }

    private float[] Weights(int length)
    {
        if (!_weights.TryGetValue(length, out var weights))
        {
            weights = plan.Weights.Along(length);
            _weights.Add(length, weights);
        }

        return weights;
    }
}
