using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Cli.Training;

/// <summary>Saves and loads model files; a file is complete or absent.</summary>
internal static class ModelFile
{
    /// <summary>Bytes beside the weights: options, names, the zip's directory.</summary>
    private const long OtherBytes = 1 << 20;

    /// <summary>Writes a model to the first place that can take it.</summary>
    /// <param name="ml">Its folder of temporary files is changed meanwhile.</param>
    /// <param name="model">The model.</param>
    /// <param name="schema">Schema of what it was trained on.</param>
    /// <param name="path">Where it is to be.</param>
    /// <param name="otherFolders">Folders to try where it cannot be written there: hours of training shall not be lost for want of room. Files that are there stay, and the model has a number in its name.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">None can take it.</exception>
    public static string Save(MLContext ml, ITransformer model, DataViewSchema schema, string path, params IEnumerable<string> otherFolders)
    {
        IOException? first = null;
        foreach (var target in otherFolders.Where(folder => folder.Length > 0).Select(folder => FreeName(Path.Combine(folder, Path.GetFileName(path)))).Prepend(path).Distinct(StringComparer.Ordinal))
        {
            // ML.NET's own files go beside the model where the folder of temporary files is full.
            foreach (var temporary in new[] { TemporaryFiles.Folder, Path.GetDirectoryName(target)! })
            {
                try
                {
                    Save(ml, model, schema, target, temporary);
                    return target;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
                {
                    first ??= new IOException($"The model cannot be written to '{target}': {exception.Message}", exception);
                }
            }
        }

        throw first!;
    }

    private static string FreeName(string path)
    {
        var (stem, extension) = (Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path)), Path.GetExtension(path));
        var free = path;
        for (var number = 2; Path.Exists(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}{extension}");
        }

        return free;
    }

    private static void Save(MLContext ml, ITransformer model, DataViewSchema schema, string path, string temporary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var before = ml.TempFilePath;
        using var folder = new WorkFolder(temporary);
        using var file = new AtomicFile(path);
        try
        {
            ml.TempFilePath = folder.Path;
            ml.Model.Save(model, schema, file.TemporaryPath);
        }
        catch (Exception exception) when (file.Named(exception) is { } named)
        {
            throw named;
        }
        finally
        {
            ml.TempFilePath = before;
        }

        // ML.NET says nothing where the end of the file, its directory, could not be written.
        using (var zip = ZipFile.OpenRead(file.TemporaryPath))
        {
            _ = zip.Entries.Count;
        }

        file.Commit();
    }

    /// <summary>Checks, before training, that a model can be written; removes what killed processes left.</summary>
    /// <exception cref="TissueDataException">The path is that of a folder, or the folder cannot be written to.</exception>
    public static void CheckWritable(string path)
    {
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
        {
            throw new TissueDataException(path, "this is a folder, and the model is a file.", $"Give a file with --model, such as '{Path.Combine(path, "tissue.zip")}'.");
        }

        Check(path, "the model cannot be written there", "Give another path with --model.", folder =>
        {
            foreach (var unfinished in TemporaryName.LeftBy(path))
            {
                File.Delete(unfinished);
            }

            TemporaryFiles.Require("Saving a model");
            new WorkFolder(TemporaryFiles.Folder).Dispose();
        });
    }

    /// <summary>Checks, before training, that results can be written to a folder.</summary>
    /// <exception cref="TissueDataException">They cannot.</exception>
    public static void CheckOutput(string folder) => Check(Path.Combine(folder, "results"), "results cannot be written there", "Give another folder with --output.", _ => { });

    /// <summary>Checks, before training, that there is room for a model of so many bytes of weights, where it will be and where ML.NET packs it.</summary>
    /// <exception cref="TissueDataException">There is not.</exception>
    public static void CheckRoom(string path, long weightBytes)
    {
        foreach (var (folder, remedy) in new[] { (Path.GetDirectoryName(path)!, "Make room, or give another path with --model."), (TemporaryFiles.Folder, $"Make room, or name another folder in {TemporaryFiles.Variable}.") })
        {
            if (FreeSpace(folder) is { } free && free < weightBytes + OtherBytes)
            {
                throw new TissueDataException(folder, string.Create(CultureInfo.InvariantCulture, $"the model will need {(weightBytes + OtherBytes) >> 20} MiB there, and {free >> 20} MiB are free."), remedy);
            }
        }
    }

    /// <summary>Bytes that are free on a folder's drive; null where it has none, as on Windows' network shares.</summary>
    internal static long? FreeSpace(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void Check(string path, string fault, string remedy, Action<string> more)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.CheckWritable(folder);
            more(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"{fault}: {exception.Message}", remedy, exception);
        }
    }

    /// <summary>The digest of a model's file, by which results are told from those of other models: lower-case hexadecimal digits.</summary>
    public static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Loads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="TissueDataException">There is no such file, or it is no model of this library.</exception>
    /// <exception cref="IOException">ML.NET's temporary files cannot be written.</exception>
    public static TrainedModel Load(MLContext ml, string path)
    {
        if (!File.Exists(path))
        {
            throw new TissueDataException(path, "there is no such model file.", "Train one with 'train --data DIR --model FILE'.");
        }

        TemporaryFiles.Require("Loading a model");
        using var folder = new WorkFolder(TemporaryFiles.Folder);
        ml.TempFilePath = folder.Path;
        ITransformer model;
        try
        {
            model = ml.TissueSegmentation.LoadModel(path);
        }
        finally
        {
            ml.TempFilePath = TemporaryFiles.Folder;
        }

        return TrainedModel.FromChain(model) ?? throw new TissueDataException(path, "this ML.NET model does not end with a tissue segmenter.", "Train one with 'train'.");
    }
}
