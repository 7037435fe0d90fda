using Microsoft.ML;

namespace Mlps.Cli.Output;

/// <summary>Reports every row that is read from a table, and stops reading when cancelled.</summary>
internal static class CountedView
{
    private sealed class Empty;

    public static IDataView Create(MLContext ml, IDataView table, Action step, CancellationToken stop) =>
        ml.Data.FilterByCustomPredicate<Empty>(table, _ =>
        {
            stop.ThrowIfCancellationRequested();
            step();
            return false;
        });
}
