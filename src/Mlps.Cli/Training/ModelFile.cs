using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Cli.Training;

/// <summary>Saves and loads model files; a file is complete or absent.</summary>
internal static class ModelFile
{
    public static void Save(MLContext ml, ITransformer model, DataViewSchema schema, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new AtomicFile(path);
        ml.Model.Save(model, schema, file.TemporaryPath);
        file.Commit();
    }

    /// <summary>Checks, before training, that a model can be written.</summary>
    /// <exception cref="TissueDataException">The folder cannot be written to.</exception>
    public static void CheckWritable(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.CheckWritable(folder);
            TemporaryFiles.Require("Saving a model");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"the model cannot be written there: {exception.Message}", "Give another path with --model.", exception);
        }
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

        var model = ml.TissueSegmentation.LoadModel(path);
        return TrainedModel.FromChain(model) ?? throw new TissueDataException(path, "this ML.NET model does not end with a tissue segmenter.", "Train one with 'train'.");
    }
}
