using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Cli.Training;

/// <summary>Model files, whole or not at all.</summary>
internal static class ModelFile
{
    public static void Save(MLContext ml, ITransformer model, DataViewSchema schema, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            ml.Model.Save(model, schema, temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Finds out whether a model can be written, before hours of training for it.</summary>
    /// <exception cref="TissueDataException">The folder cannot be written to.</exception>
    public static void CheckWritable(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"the model cannot be written there: {exception.Message}", "Give another path with --model.", exception);
        }
    }

    /// <summary>Loads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="TissueDataException">There is no such file, or it is no model of this library.</exception>
    public static TrainedModel Load(MLContext ml, string path)
    {
        if (!File.Exists(path))
        {
            throw new TissueDataException(path, "there is no such model file.", "Train one with 'train --data DIR --model FILE'.");
        }

        ITransformer model;
        try
        {
            model = ml.Model.Load(path, out _);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new TissueDataException(path, $"this is no model that can be loaded: {exception.GetBaseException().Message}", "Train it anew, or take the file that training wrote.", exception);
        }

        return TrainedModel.Of(model) ?? throw new TissueDataException(path, "this ML.NET model does not end with a tissue segmenter.", "Train one with 'train'.");
    }
}
