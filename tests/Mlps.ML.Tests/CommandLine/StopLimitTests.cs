using Mlps.Cli.Terminal;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Work that does not stop when it is told to.</summary>
public sealed class StopLimitTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task WorkThatGoesOn_IsEnded_NotBeforeTheLimit()
    {
        using var stop = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        using var limit = new StopLimit(_limit, ended.SetResult, stop.Token);

        await Task.Delay(2 * _limit);
        Assert.False(ended.Task.IsCompleted);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await stop.CancelAsync();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(watch.Elapsed >= _limit / 2);
    }

    [Fact]
    public async Task WorkThatStops_IsNotEnded()
    {
        using var stop = new CancellationTokenSource();
        var isEnded = false;
        using (new StopLimit(_limit, () => isEnded = true, stop.Token))
        {
            await stop.CancelAsync();
        }

        await Task.Delay(3 * _limit);
        Assert.False(isEnded);
    }
}
