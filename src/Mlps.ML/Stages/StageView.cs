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
        var computing = CursorsThatCompute.Opened;
        var cursor = input.GetRowCursor(bindings.Dependencies(needed), rand);

        // Where the input computes on the processor as it is read, one network would compute beside the other and wait for the same cores.
        var inputComputes = CursorsThatCompute.Opened > computing;
        return Wrap(cursor, needed, bindings.Stage.RunsNetwork && WorkAhead.IsAllowed && (bindings.Stage.ComputesAhead || !inputComputes));
    }

    /// <summary>Several cursors where no network has to compute; one where one has, since it is fed best by one batch at a time.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return bindings.Stage.RunsNetwork && needed.Any(column => bindings.OutputIndex(column) >= 0)
            ? [GetRowCursor(needed, rand)]
            : [.. input.GetRowCursorSet(bindings.Dependencies(needed), n, rand).Select(cursor => Wrap(cursor, needed, readsAhead: false))];
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => bindings.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns) => new StageRow(bindings, row, activeColumns);

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] needed, bool readsAhead)
    {
        try
        {
            if (needed.All(column => bindings.OutputIndex(column) < 0))
            {
                return new PassThroughCursor(bindings, cursor, needed);
            }

            var batches = new BatchCursor(bindings, cursor, needed, readsAhead);
            if (bindings.Stage is { RunsNetwork: true, ComputesAhead: false })
            {
                CursorsThatCompute.Opened++;
            }

            return batches;
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
