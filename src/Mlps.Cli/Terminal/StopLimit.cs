namespace Mlps.Cli.Terminal;

/// <summary>Ends work that goes on for too long after it was told to stop. For work that nothing is lost of when it is killed.</summary>
internal sealed class StopLimit : IDisposable
{
    private readonly Timer _timer;
    private readonly CancellationTokenRegistration _registration;

    /// <param name="limit">How long the work may go on.</param>
    /// <param name="end">What ends it.</param>
    /// <param name="stop">Tells the work to stop.</param>
    public StopLimit(TimeSpan limit, Action end, CancellationToken stop)
    {
        _timer = new Timer(_ => end());
        _registration = stop.Register(() => _timer.Change(limit, Timeout.InfiniteTimeSpan));
    }

    /// <summary>The work has ended by itself.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
    }
}
