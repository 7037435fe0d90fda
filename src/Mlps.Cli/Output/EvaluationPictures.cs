using Microsoft.ML;
using Mlps.Cli.Terminal;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>Pictures of a few images of a split: what is there, what was predicted, and what the classifier saw.</summary>
internal static class EvaluationPictures
{
    private const int SheetRows = 8;
    private const int ActivationSheets = 2;
    private const string SheetName = "contact-sheet.png";

    /// <summary>The files that are written.</summary>
    public static IReadOnlyList<string> Names { get; } = [SheetName, .. Enumerable.Range(1, ActivationSheets).Select(ActivationsName)];

    /// <summary>Writes <c>contact-sheet.png</c> and <c>activation-maps-*.png</c>.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="table">All images of the split.</param>
    /// <param name="predict">Predicts a table; it gets the few images alone, since whole batches are predicted however few of their rows are read.</param>
    /// <param name="dataset">Their dataset.</param>
    /// <param name="splitName">What pictures call the split.</param>
    /// <param name="folder">Where they are written.</param>
    /// <param name="stop">Stops the work.</param>
    public static void Save(MLContext ml, IDataView table, Func<IDataView, IDataView> predict, TissueDataset dataset, string splitName, string folder, CancellationToken stop)
    {
        List<PatchRow> rows = [];
        string[] headers = [];
        var sheetPath = Path.Combine(folder, SheetName);
        Pictures.Try(sheetPath, () =>
        {
            (rows, headers) = SomeRows(ml, table, predict, stop);
            Write(sheetPath, ContactSheet.Draw(
                [.. rows.Select(patch => new ContactSheetRow { Name = patch.Name, Image = patch.Image, Truth = patch.Truth, Prediction = patch.Prediction, PseudoMasks = patch.PseudoMasks })],
                dataset.Classes,
                new ContactSheetOptions { Title = $"{dataset.Name}, {splitName}", PseudoMaskHeaders = headers }));
        });
        for (var i = 0; i < Math.Min(ActivationSheets, rows.Count); i++)
        {
            var patch = rows[i];
            int mapWidth = (patch.Image.Width + 7) / 8, mapHeight = (patch.Image.Height + 7) / 8;
            var mapsPath = Path.Combine(folder, ActivationsName(i + 1));
            Pictures.Try(mapsPath, () => Write(mapsPath, ActivationSheet.Draw(patch.Image, patch.ActivationMaps, mapWidth, mapHeight, dataset.Classes, new ActivationSheetOptions { Title = patch.Name })));
        }
    }

    /// <summary>Some images, and what their pseudo masks are called.</summary>
    private static (List<PatchRow> Rows, string[] Headers) SomeRows(MLContext ml, IDataView table, Func<IDataView, IDataView> predict, CancellationToken stop)
    {
        var count = (int)(table.GetRowCount() ?? 0);
        var stride = Math.Max(1, count / SheetRows);
        var row = 0;
        var some = predict(ml.Data.FilterByCustomPredicate<Nothing>(table, _ => row++ % stride != 0));
        string[] headers = [.. some.Schema.Select(column => column.Name).Where(name => name.StartsWith(TissueColumns.PseudoMaskPrefix, StringComparison.Ordinal)).Select(name => $"pseudo mask {name[TissueColumns.PseudoMaskPrefix.Length..]}")];
        var rows = WorkDisplay.Run("Drawing pictures", Math.Min(count, SheetRows), step =>
        {
            var read = new List<PatchRow>();
            foreach (var patch in PatchRow.Read(some, withInsight: true).Take(SheetRows))
            {
                stop.ThrowIfCancellationRequested();
                read.Add(patch);
                step();
            }

            return read;
        });
        return (rows, headers);
    }

    private static void Write(string path, Picture picture)
    {
        picture.Save(path);
        Say.Written(path);
    }

    private static string ActivationsName(int number) => $"activation-maps-{number}.png";

    private sealed class Nothing;
}
