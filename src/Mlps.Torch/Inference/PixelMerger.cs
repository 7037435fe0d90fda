using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Averages the outputs of overlapping windows, and returns rows as soon as no window covers them again.</summary>
/// <param name="images">N.</param>
/// <param name="channels">C of an output [C, h, w].</param>
/// <param name="plan">The windows.</param>
/// <param name="device">Where outputs are.</param>
/// <param name="take">Takes the first row's number and rows [N, C, rows, W] of every image, from top to bottom; they are disposed afterwards.</param>
internal sealed class PixelMerger(long images, long channels, WindowPlan plan, Device device, Action<int, Tensor> take) : IWindowMerger, IDisposable
{
    private readonly (Tensor Rows, Tensor Columns)[] _totals = [.. Enumerable.Range(0, plan.Views).Select(view => Detached(plan.TotalWeights(view), device))];
    private readonly Dictionary<(int Height, int Width), Tensor> _weights = [];
    private Tensor? _band;
    private int _top;

    public void Reserve(int bottom)
    {
        if (_band is null || _top + _band.shape[2] < bottom)
        {
            Renew(_top, bottom - _top);
        }
    }

    public void Add(int image, ImageWindow window, Tensor output)
    {
        using var scope = NewDisposeScope();
        AddLaidBack(image, window, ImageViews.Undo(output, window.View));
    }

    /// <summary>Adds the output for a window that was laid back from its view on the image.</summary>
    public void AddLaidBack(int image, ImageWindow window, Tensor laidBack)
    {
        using var scope = NewDisposeScope();
        if (plan.Weights is not WindowWeights.Uniform)
        {
            laidBack = laidBack.mul(WeightsOf(window));
        }

        if (plan.Views > 1)
        {
            // Each view is averaged by its own total weight, as its windows lie differently.
            laidBack = laidBack.div(Total(window.View, window.Top, window.Height).narrow(1, window.Left, window.Width));
        }

        _band![image].narrow(1, window.Top - _top, window.Height).narrow(2, window.Left, window.Width).add_(laidBack);
    }

    public void Finish(int top)
    {
        var rows = top - _top;
        if (rows <= 0)
        {
            return;
        }

        using (NewDisposeScope())
        {
            var finished = _band!.narrow(2, 0, rows);
            take(_top, plan.Views > 1 ? finished.div_(plan.Views) : finished.div_(Total(0, _top, rows)));
        }

        if (top < plan.Height)
        {
            Renew(top, Math.Max(0, (int)_band!.shape[2] - rows));
        }
    }

    public void Dispose()
    {
        _band?.Dispose();
        foreach (var (rows, columns) in _totals)
        {
            rows.Dispose();
            columns.Dispose();
        }

        foreach (var weights in _weights.Values)
        {
            weights.Dispose();
        }
    }

    private static (Tensor Rows, Tensor Columns) Detached((float[] Rows, float[] Columns) totals, Device device) => (
        tensor(totals.Rows, [totals.Rows.Length, 1], ScalarType.Float32, device).DetachFromDisposeScope(),
        tensor(totals.Columns, [1, totals.Columns.Length], ScalarType.Float32, device).DetachFromDisposeScope());

    /// <summary>The total weight [rows, W] of a view's windows.</summary>
    private Tensor Total(int view, int top, int rows) => _totals[view].Rows.narrow(0, top, rows).mul(_totals[view].Columns);

    private Tensor WeightsOf(ImageWindow window)
    {
        if (!_weights.TryGetValue((window.Height, window.Width), out var weights))
        {
            using var scope = NewDisposeScope();
            weights = tensor(plan.Weights.Along(window.Height), [window.Height, 1], ScalarType.Float32, device).mul(tensor(plan.Weights.Along(window.Width), [1, window.Width], ScalarType.Float32, device)).DetachFromDisposeScope();
            _weights.Add((window.Height, window.Width), weights);
        }

        return weights;
    }

    /// <summary>A band that begins at another row, with what the old one holds from there on.</summary>
    private void Renew(int top, int rows)
    {
        using var scope = NewDisposeScope();
        var band = zeros([images, channels, rows, plan.Width], ScalarType.Float32, device);
        var kept = _band is null ? 0 : Math.Min(rows, _band.shape[2] - (top - _top));
        if (kept > 0)
        {
            band.narrow(2, 0, kept).copy_(_band!.narrow(2, top - _top, kept));
        }

        _band?.Dispose();
        (_band, _top) = (band.DetachFromDisposeScope(), top);
    }
}
