using Microsoft.ML;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Reads the columns that a training needs into a patch store, once.</summary>
internal sealed class PatchStoreReader
{
    private readonly IDataView _table;
    private readonly PatchRowColumns _columns;

    /// <param name="table">Checked to have the columns.</param>
    /// <param name="imageColumn">Images, which must be of one size.</param>
    /// <param name="labelColumn">Vector of Boolean [C], or null.</param>
    /// <param name="maskColumns">Vectors of Byte [H, W].</param>
    /// <param name="classCount">C.</param>
    public PatchStoreReader(IDataView table, string imageColumn, string? labelColumn, IEnumerable<string> maskColumns, int classCount)
    {
        _table = table;
        _columns = new PatchRowColumns(
            table.Schema[imageColumn],
            labelColumn is null ? null : table.Schema[labelColumn],
            [.. maskColumns.Select(name => table.Schema[name])],
            table.Schema.GetColumnOrNull(TissueColumns.Name),
            classCount);
    }

    /// <summary>The store, which the caller disposes.</summary>
    /// <param name="cancellation">Stops the reading at the next row.</param>
    /// <param name="progress">Told after every patch how many were read, and how many there are or 0; or null.</param>
    /// <exception cref="TissueDataException">There are no rows, images of different sizes, or masks that do not fit.</exception>
    public PatchStore Read(CancellationToken cancellation, Action<long, long>? progress = null)
    {
        PatchStore? store = null;
        try
        {
            foreach (var patch in PatchRows.Read(_table, _columns, cancellation))
            {
                store ??= new PatchStore(patch.Layout);
                if (patch.Layout != store.Layout)
                {
                    throw new TissueDataException(
                        $"Column '{_columns.Image.Name}', {patch.Name}: the image has {patch.Layout.Width}x{patch.Layout.Height} pixels, the first one {store.Layout.Width}x{store.Layout.Height}. Patches to train on must be of one size; cut or resize them alike.");
                }

                store.Add(patch.Bytes);
                progress?.Invoke(store.Count, _table.GetRowCount() ?? 0);
            }

            return store ?? throw new TissueDataException("The table to train on has no rows. Check the dataset and any filter before the estimator.");
        }
        catch
        {
            store?.Dispose();
            throw;
        }
    }
}
