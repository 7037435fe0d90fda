using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Quickstart.Training;

/// <summary>Model files, whole or not at all.</summary>
internal static class ModelFile
{
    public static void Save(MLContext ml, ITransformer model, DataViewSchema schema, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
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
