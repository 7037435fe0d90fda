using Microsoft.ML;
using Mlps.ML.Stages;
using Mlps.Torch.Data;
using Mlps.Torch.Ranks;

namespace Mlps.ML;

/// <summary>Reads the columns that a training needs into patch stores, once.</summary>
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
            StageBindings.FindNameColumn(table.Schema),
            classCount);
    }

    /// <summary>The store, which the caller disposes.</summary>
    /// <param name="cancellation">Stops the reading at the next row.</param>
    /// <param name="progress">Told after every patch how many were read, and how many there are or 0; or null.</param>
    /// <exception cref="TissueDataException">There are no rows, images of different sizes, or masks that do not fit.</exception>
    public PatchStore Read(CancellationToken cancellation, Action<long, long>? progress = null) => Read(split: null, gateColumn: null, cancellation, progress).Training;

    /// <summary>The stores of both sides of a split, which the caller disposes.</summary>
    /// <param name="split">What is held out, or null for nothing.</param>
    /// <param name="gateColumn">Vector of Single [C, h, w], kept for held-out patches; or null.</param>
    /// <param name="cancellation">Stops the reading at the next row.</param>
    /// <param name="progress">Told after every patch how many were read, and how many there are or 0; or null.</param>
    /// <param name="ranks">Those who read the other rows of the table, of which this one has its <see cref="RankRows"/>: all get all patches. Null where it has all rows.</param>
    /// <exception cref="TissueDataException">There are no rows, images of different sizes, or masks that do not fit.</exception>
    public TrainingPatches Read(SourceSplit? split, string? gateColumn, CancellationToken cancellation, Action<long, long>? progress = null, RankGroup? ranks = null)
    {
        var columns = split is null ? _columns : _columns with { Source = SourceSplit.SourceOf(_table), Gate = gateColumn is null ? null : _table.Schema[gateColumn] };
        var rows = new ReadRows();
        try
        {
            foreach (var row in PatchRows.Read(_table, columns, ranks, cancellation))
            {
                using var patch = row;
                CheckSize(patch, RowNumber.InTable(rows.IsHeldOut.Count, ranks), rows.Layout);
                rows.Add(patch, split is not null && split.HoldsOut(patch.Source));
                progress?.Invoke(rows.IsHeldOut.Count, _table.GetRowCount() ?? 0);
            }

            if (ranks is not null)
            {
                rows.Replace(PatchExchange.Gather(ranks, rows));
            }

            return new TrainingPatches(
                rows.Training ?? throw new TissueDataException("The table to train on has no rows. Check the dataset and any filter before the estimator."), rows.HeldOut, rows.Gates);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private void CheckSize(ReadPatch patch, long row, PatchLayout? first)
    {
        if (first is { } expected && patch.Layout != expected)
        {
            throw new TissueDataException(
                $"Column '{_columns.Image.Name}', {patch.Name ?? RowNumber.Text(row)}: the image has {patch.Layout.Width}x{patch.Layout.Height} pixels, the first one {expected.Width}x{expected.Height}. Patches to train on must be of one size; cut or resize them alike.");
        }
    }
}
