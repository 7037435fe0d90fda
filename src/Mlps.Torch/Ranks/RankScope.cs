namespace Mlps.Torch.Ranks;

/// <summary>The ranks whose batches have common BatchNorm statistics, on one thread, until it is disposed.</summary>
internal sealed class RankScope : IDisposable
{
    [ThreadStatic]
    private static RankScope? _current;

    private readonly RankScope? _outer = _current;
    private readonly RankGroup? _ranks;

    /// <param name="ranks">Null for none.</param>
    public RankScope(RankGroup? ranks)
    {
        _ranks = ranks;
        _current = this;
    }

    /// <summary>The ranks in force on this thread; null for none.</summary>
    public static RankGroup? Current => _current?._ranks;

    public void Dispose() => _current = _outer;
}
