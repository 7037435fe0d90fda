using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Averages the outputs [C] of windows over the cells whose centres they hold.</summary>
internal sealed class CellMerger : IWindowMerger, IDisposable
{
    private readonly Tensor _sum;
    private readonly Tensor _count;
    private readonly WindowPlan _plan;

    /// <param name="images">N.</param>
    /// <param name="channels">C.</param>
    /// <param name="plan">The windows.</param>
    public CellMerger(long images, long channels, WindowPlan plan)
    {
        int rows = CellGrid.Count(plan.Height), columns = CellGrid.Count(plan.Width);
        _plan = plan;
        _sum = zeros([images, channels, rows, columns], ScalarType.Float32, CPU).DetachFromDisposeScope();
        _count = zeros([images, 1, rows, columns], ScalarType.Float32, CPU).DetachFromDisposeScope();
    }

    public void Reserve(int bottom)
    {
    }

    public void Add(int image, ImageWindow window, Tensor output)
    {
        using var scope = NewDisposeScope();
        var (firstRow, rows) = CellGrid.CentredIn(window.Top, window.Height, _plan.Height);
        var (firstColumn, columns) = CellGrid.CentredIn(window.Left, window.Width, _plan.Width);
        _sum[image].narrow(1, firstRow, rows).narrow(2, firstColumn, columns).add_(output.view(-1, 1, 1));
        _count[image].narrow(1, firstRow, rows).narrow(2, firstColumn, columns).add_(1);
    }

    public void Finish(int top)
    {
    }

    /// <summary>The means [N, C, h, w], which belong to the caller.</summary>
    public Tensor Means() => _sum.div(_count);

    public void Dispose()
    {
        _sum.Dispose();
        _count.Dispose();
    }
}
