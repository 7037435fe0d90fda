using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>The input's rows as they come, for consumers that ask for no result of the stage: nothing is read ahead, nothing computed.</summary>
internal sealed class PassThroughCursor(StageBindings bindings, DataViewRowCursor input, IEnumerable<DataViewSchema.Column> active) : DataViewRowCursor, IGivesImagesAway
{
    private readonly HashSet<int> _active = [.. active.Select(column => column.Index)];

    public override DataViewSchema Schema => bindings.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public bool GivesImagesAway => input is IGivesImagesAway { GivesImagesAway: true };

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        IsColumnActive(column) ? input.GetGetter<TValue>(input.Schema[column.Index])
        : throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor.");

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
