using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Cli.Training;

/// <summary>The demonstration's tissue, as long as it is needed.</summary>
internal sealed class TemporaryTissue : IDisposable
{
    private readonly string _parent = CreateFolder();

    public TemporaryTissue(int seed, CancellationToken stop)
    {
        Folder = Path.Combine(_parent, "SyntheticTissue");
        try
        {
            Demonstration.Draw(Folder, seed, stop);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Folder { get; }

    /// <summary>Opens the tissue.</summary>
    /// <remarks>Every image is drawn on its own, as if from a slide of its own.</remarks>
    public TissueDataset Open() => TissueDataset.Open(Folder, new TissueDatasetOptions { SourcePattern = @"^(?<source>[a-z]+-\d+)" });

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    private static string CreateFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("mlps-").FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The synthetic tissue needs the folder of temporary files, '{TemporaryFiles.Folder}': {exception.Message} Name another folder in the environment variable {TemporaryFiles.Variable}, or train on data of your own (--data).",
                exception);
        }
    }
}
