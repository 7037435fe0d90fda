using Microsoft.ML;

namespace Mlps.ML;

/// <summary>A table of images, one row each.</summary>
/// <remarks>Images are decoded on demand and are not cached.</remarks>
internal sealed class PatchTable : IDataView
{
    private readonly IReadOnlyList<TissuePatch> _patches;
    private readonly PatchColumn[] _columns;

    public PatchTable(IReadOnlyList<TissuePatch> patches, params PatchColumn[] columns)
    {
        (_patches, _columns) = (patches, columns);
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        }

        Schema = builder.ToSchema();
    }

    /// <summary>Told of each row whose image cannot be read and which is left out; null: reading such an image throws.</summary>
    public Action<DamagedPatch>? Damaged { get; init; }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    /// <summary>Unknown where rows may be left out.</summary>
    public long? GetRowCount() => Damaged is null ? _patches.Count : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new PatchTableCursor(Schema, _columns, columnsNeeded, _patches, Order(rand), member: 0, members: 1, Damaged);

    /// <summary>Cursors that share the rows batch by batch, so that images are decoded in parallel.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        var order = Order(rand);
        var members = Math.Clamp(n, 1, Math.Max(1, PatchTableCursor.BatchCount(_patches.Count)));
        return [.. Enumerable.Range(0, members).Select(member => new PatchTableCursor(Schema, _columns, needed, _patches, order, member, members, Damaged))];
    }

    private int[] Order(Random? random)
    {
        var order = new int[_patches.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        random?.Shuffle(order);
        return order;
    }
}
