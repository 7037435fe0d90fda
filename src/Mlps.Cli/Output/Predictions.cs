using Mlps.Cli.Terminal;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>The output of <c>predict</c>: <c>masks/</c>, <c>overlays/</c>, <c>uncertainty/</c> where it is requested, <c>areas.csv</c>, and <c>failed.csv</c> where images failed.</summary>
/// <param name="classes">The model's classes.</param>
/// <param name="folder">Where it goes.</param>
/// <param name="failFast">Whether the first image that fails ends the run.</param>
/// <param name="withUncertainty">Whether pictures of the uncertainty are written.</param>
internal sealed class Predictions(TissueClasses classes, string folder, bool failFast, bool withUncertainty = false)
{
    /// <summary>The table of areas.</summary>
    public const string AreasName = "areas.csv";

    /// <summary>The table of images that failed.</summary>
    public const string FailedName = "failed.csv";

    private const string Extension = ".png";
    private const string MasksName = "masks";
    private const string OverlaysName = "overlays";
    private const string UncertaintyName = "uncertainty";

    private readonly string _masks = Path.Combine(folder, MasksName);
    private readonly string _overlays = Path.Combine(folder, OverlaysName);
    private readonly string _uncertainty = Path.Combine(folder, UncertaintyName);
    private readonly AreaTable _areas = new(classes);
    private readonly FailedImages _failed = new();
    private readonly OutputNames _names = new();
    private readonly HashSet<string> _written = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The folders of pictures, masks first.</summary>
    public static IReadOnlyList<string> Folders { get; } = [MasksName, OverlaysName, UncertaintyName];

    private string[] PictureFolders => withUncertainty ? [_masks, _overlays, _uncertainty] : [_masks, _overlays];

    /// <summary>Predicts the images and writes everything.</summary>
    /// <remarks>Whatever ends the run early, the tables hold what was finished.</remarks>
    /// <param name="predictions">The images.</param>
    /// <param name="unreadable">Files and folders that could not even be listed as images, with the reason; they count as failed.</param>
    /// <param name="stop">Stops between two images.</param>
    /// <returns>How many failed.</returns>
    public int Write(ImagePredictions predictions, IReadOnlyList<(ImageItem Image, string Reason)> unreadable, CancellationToken stop)
    {
        foreach (var part in PictureFolders)
        {
            Directory.CreateDirectory(part);
        }

        RequireWritable();
        try
        {
            foreach (var (image, reason) in unreadable)
            {
                Fail(image, new TissueDataException(image.Path, reason, string.Empty));
            }

            WorkDisplay.Run("Predicting", predictions.Items.Count, step =>
            {
                predictions.Run(
                    (image, row) =>
                    {
                        Keep(image, row);
                        step();
                    },
                    (image, exception) =>
                    {
                        Fail(image, exception);
                        step();
                    },
                    stop);
                return true;
            });
        }
        catch
        {
            SaveAfterFailure(predictions.Items.Count);
            throw;
        }

        SaveTables();
        _failed.Show();
        if (_failed.Count > 0)
        {
            Say.Warning($"{_failed.Count} of {predictions.Items.Count + unreadable.Count} images failed; failed.csv names them. The other {_areas.Count} were predicted.");
        }

        Say.Written(folder);
        return _failed.Count;
    }

    private void Keep(ImageItem image, PatchRow row)
    {
        try
        {
            var name = _names.Create(image.Name, Extension);
            if (name != image.Name)
            {
                Say.Warning($"{image.Name} is written as {name}: its name is too long, or equal to another's where case and Unicode forms do not count.");
            }

            WriteMask(Path.Combine(_masks, name + Extension), row);
            _areas.Add(name, row);
            _written.Add(name);
            WritePicture(Path.Combine(_overlays, name + Extension), () => OverlayPicture.Draw(row.Image, row.Prediction, classes, new OverlayOptions { Scale = 1 }));
            if (row.Uncertainty is { } uncertainty)
            {
                WritePicture(Path.Combine(_uncertainty, name + Extension), () => UncertaintyPicture.Draw(row.Image, uncertainty));
            }
            else
            {
                Remove(UncertaintyName, name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && !FatalFailure.Is(exception))
        {
            // If nothing can be written, that is no fault of this image.
            RequireWritable();
            Fail(image, exception);
        }
    }

    private void WriteMask(string path, PatchRow row)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        PalettePng.Write(path, row.Prediction, row.Image.Width, row.Image.Height, classes.Palette);
    }

    /// <summary>A picture that is lost costs no result, unless nothing can be written any more.</summary>
    private void WritePicture(string path, Func<Picture> draw)
    {
        if (!Pictures.Try(path, () => draw().Save(path)))
        {
            RequireWritable();
        }
    }

    private void Fail(ImageItem image, Exception exception)
    {
        // Results of an earlier run would pass for this one's.
        foreach (var part in _written.Contains(image.Name) ? [] : Folders)
        {
            Remove(part, image.Name);
        }

        _failed.Add(image, exception);
        if (failFast)
        {
            throw new TissueDataException(exception.Message, exception);
        }
    }

    /// <summary>Removes what an earlier run wrote of an image, if it did.</summary>
    private void Remove(string part, string name)
    {
        var within = Path.GetFullPath(Path.Combine(folder, part)) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(within, name + Extension));
        try
        {
            if (path.StartsWith(within, StringComparison.Ordinal) && File.Exists(path))
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Say.Warning($"'{path}' is of an earlier run and cannot be removed: {exception.Message}");
        }
    }

    private void RequireWritable()
    {
        foreach (var part in PictureFolders.Prepend(folder))
        {
            AtomicOutput.RequireWritable(part);
        }
    }

    private void SaveTables()
    {
        AtomicOutput.WriteText(Path.Combine(folder, AreasName), _areas.ToString());
        _failed.Save(Path.Combine(folder, FailedName));
    }

    /// <summary>Saves the results so far; a failure to do so does not hide the failure that is being reported.</summary>
    private void SaveAfterFailure(int count)
    {
        try
        {
            SaveTables();
            Say.Warning($"Ended early: areas.csv holds the {_areas.Count} of {count} images that were predicted.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Say.Warning($"Ended early, and the tables could not be written: {exception.Message}");
        }
    }
}
