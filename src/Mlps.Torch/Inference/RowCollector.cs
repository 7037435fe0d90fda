using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Puts rows together that come from top to bottom.</summary>
/// <param name="images">[N, 3, H, W], for the size.</param>
internal sealed class RowCollector(Tensor images) : IDisposable
{
    private Tensor? _whole;

    /// <summary>All rows, [N, ..., H, W], in the scope that is open; they belong to the caller.</summary>
    public Tensor ToTensor() => (_whole ?? throw new InvalidOperationException("No rows were added.")).alias();

    /// <summary>Copies rows [N, ..., rows, W].</summary>
    public void Add(int top, Tensor rows)
    {
        var height = images.shape[2];
        if (rows.shape[^2] == height)
        {
            _whole = rows.clone().DetachFromDisposeScope();
            return;
        }

        _whole ??= empty([.. rows.shape[..^2], height, rows.shape[^1]], rows.dtype, rows.device).DetachFromDisposeScope();
        _whole.narrow(-2, top, rows.shape[^2]).copy_(rows);
    }

    public void Dispose() => _whole?.Dispose();
}
