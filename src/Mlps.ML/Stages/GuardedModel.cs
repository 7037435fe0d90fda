using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch;
using Mlps.Torch.Runtime;
using Mlps.Torch.Weights;

namespace Mlps.ML.Stages;

/// <summary>Loads model files that may come from strangers.</summary>
internal static class GuardedModel
{
    /// <summary>The folder of a model file in which ML.NET writes the transformer.</summary>
    private const string TransformerFolder = "TransformerChain";

    /// <summary>Loads the transformer of a model file, once <see cref="ModelArchive"/> has looked at all of the file.</summary>
    /// <remarks>The schema that ML.NET saves beside it is not parsed: nothing here needs it, and ML.NET's parser trusts it.</remarks>
    /// <param name="environment">Device and log.</param>
    /// <param name="stream">The file, which can seek and is left open. It must not change meanwhile.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">What is accepted.</param>
    /// <exception cref="TissueDataException">The file is damaged, made to do harm, or no model.</exception>
    public static ITransformer Load(IHostEnvironment environment, Stream stream, string name, ModelLoadOptions options)
    {
        options.Check();
        try
        {
            ModelArchive.Check(stream, options);
        }
        catch (FormatException exception)
        {
            throw new TissueDataException(name, $"this is no model that can be loaded: {exception.Message}", "Take the file that training wrote.", exception);
        }

        TemporaryFiles.Require("Loading a model", (environment as IHostEnvironmentInternal)?.TempFilePath is { Length: > 0 } folder ? folder : TemporaryFiles.Folder);
        try
        {
            using var repository = RepositoryReader.Open(stream, environment);
            ModelLoadContext.LoadModel<ITransformer, SignatureLoadModel>(environment, out var model, repository, TransformerFolder);
            return model;
        }
        catch (Exception exception) when (IsFault(exception.GetBaseException()))
        {
            throw new TissueDataException(name, $"this is no model that can be loaded: {ShortText.OfMessage(exception.GetBaseException().Message)}", "Take the file that training wrote.", exception);
        }
    }

    /// <summary>Whether an exception tells of the file, and not of the machine: of memory, disks, libtorch or the GPU.</summary>
    private static bool IsFault(Exception cause) => cause is not (OutOfMemoryException or UnauthorizedAccessException or LibTorchLoadException)
        && (cause is not IOException || cause is EndOfStreamException or WeightFileException)
        && (cause is not InvalidOperationException || cause is WeightMismatchException || cause.Source is not "Mlps.ML");
}
