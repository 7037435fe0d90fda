using System.Runtime.ExceptionServices;

namespace Mlps.Torch;

/// <summary>Parallel loops that fail as ordinary loops do: with the exception of an iteration, and not with a list of them.</summary>
/// <remarks>Callers document and catch what an iteration throws. Of several failures the first is thrown, with its own stack trace.</remarks>
internal static class ParallelLoop
{
    /// <summary>Runs iterations from 0 up to a count.</summary>
    /// <param name="count">The number of iterations.</param>
    /// <param name="body">One iteration.</param>
    /// <param name="cancellation">Stops the loop.</param>
    /// <exception cref="OperationCanceledException">The loop was stopped.</exception>
    public static void For(int count, Action<int> body, CancellationToken cancellation = default) =>
        Run(() => Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation }, body));

    /// <summary>Runs an iteration for each item.</summary>
    /// <param name="items">The items.</param>
    /// <param name="body">One iteration.</param>
    /// <param name="cancellation">Stops the loop.</param>
    /// <exception cref="OperationCanceledException">The loop was stopped.</exception>
    public static void ForEach<T>(IReadOnlyList<T> items, Action<T> body, CancellationToken cancellation = default) =>
        Run(() => Parallel.ForEach(items, new ParallelOptions { CancellationToken = cancellation }, body));

    private static void Run(Action loop)
    {
        try
        {
            loop();
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }
    }
}
