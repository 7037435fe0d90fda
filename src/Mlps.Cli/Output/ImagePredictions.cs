using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>An image of the table to predict.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its file.</param>
internal sealed record ImageItem(string Name, string Path);

/// <summary>Predicts a table of images so that an image which fails stops no other.</summary>
/// <remarks>
/// Images are predicted in batches, as ever. A batch that fails ends the cursor: the image that is next by then is tried alone, and the table is read on behind it. So images that can be predicted
/// are, and what is wrong with one is told of that one.
/// </remarks>
/// <param name="ml">The context.</param>
/// <param name="images">Names, paths and images.</param>
/// <param name="predict">Adds the predictions to a table.</param>
/// <param name="checkModel">Throws if the model cannot predict anything; called before the first failure in predicting is laid to an image's charge.</param>
/// <param name="withUncertainty">Whether the uncertainty of each pixel is wanted too.</param>
internal sealed class ImagePredictions(MLContext ml, IDataView images, Func<IDataView, IDataView> predict, Action checkModel, bool withUncertainty = false)
{
    private bool _isModelChecked;

    /// <summary>All images, in order.</summary>
    /// <remarks>Nothing is decoded for them.</remarks>
    public IReadOnlyList<ImageItem> Items { get; } =
        [.. images.GetColumn<string>(TissueColumns.Name).Zip(images.GetColumn<string>(TissueColumns.ImagePath), (name, path) => new ImageItem(name, path))];

    /// <summary>Predicts every image.</summary>
    /// <param name="predicted">Given each prediction, in order; what it throws ends the run.</param>
    /// <param name="failed">Given each image that failed, in order; what it throws ends the run.</param>
    /// <param name="stop">Stops between two images.</param>
    public void Run(Action<ImageItem, PatchRow> predicted, Action<ImageItem, Exception> failed, CancellationToken stop)
    {
        for (var next = 0; next < Items.Count;)
        {
            next += Read(From(next), next, predicted, stop, out var failure);
            if (failure is null)
            {
                return;
            }

            if (Read(ml.Data.TakeRows(From(next), 1), next, predicted, stop, out failure) == 0)
            {
                failed(Items[next], failure ?? new InvalidOperationException("The table ended before its last image."));
            }

            next++;
        }
    }

    private IDataView From(int first) => first == 0 ? images : ml.Data.SkipRows(images, first);

    /// <summary>Reads a table until its end or its first failure, and returns how many images were predicted.</summary>
    private int Read(IDataView table, int first, Action<ImageItem, PatchRow> predicted, CancellationToken stop, out Exception? failure)
    {
        var count = 0;
        using var rows = PatchRow.Read(predict(table), withInsight: false, withUncertainty).GetEnumerator();
        while (Next(rows, stop, out failure) is { } row)
        {
            predicted(Items[first + count], row);
            count++;
        }

        return count;
    }

    private PatchRow? Next(IEnumerator<PatchRow> rows, CancellationToken stop, out Exception? failure)
    {
        stop.ThrowIfCancellationRequested();
        failure = null;
        try
        {
            return rows.MoveNext() ? rows.Current : null;
        }
        catch (Exception exception) when (!FatalFailure.Is(exception))
        {
            if (exception is not TissueDataException && !_isModelChecked)
            {
                checkModel();
                _isModelChecked = true;
            }

            failure = exception;
            return null;
        }
    }
}
