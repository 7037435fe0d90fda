using Microsoft.ML;
using Mlps.ML.Interop;

namespace Mlps.ML.Stages;

/// <summary>A table whose last columns a stage computes on demand.</summary>
internal sealed class StageView(StageBindings bindings, IDataView input) : IReplayableView
{
    public IDataView Input => input;

    public DataViewSchema Schema => bindings.OutputSchema;

    public DataViewSchema InputSchema => bindings.InputSchema;

    public DataViewSchema OutputSchema => bindings.OutputSchema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public (string[] Required, string[] Optional) InputsOf(IEnumerable<string> outputs) => bindings.InputsOf(outputs);

    public IDataView ReplayOn(IDataView newInput) => bindings.Stage.Transform(newInput);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        var cursor = input.GetRowCursor(bindings.Dependencies(needed), rand);
        return Wrap(cursor, needed);
    }

    /// <summary>Several cursors where no network has to compute; one where one has, since it is fed best by one batch at a time.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return bindings.Stage.RunsNetwork && needed.Any(column => bindings.OutputIndex(column) >= 0)
            ? [GetRowCursor(needed, rand)]
            : [.. input.GetRowCursorSet(bindings.Dependencies(needed), n, rand).Select(cursor => Wrap(cursor, needed))];
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => bindings.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns) => new StageRow(bindings, row, activeColumns);

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] needed)
    {
        try
        {
            return needed.Any(column => bindings.OutputIndex(column) >= 0)
                ? new BatchCursor(bindings, cursor, needed)
                : new PassThroughCursor(bindings, cursor, needed);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
