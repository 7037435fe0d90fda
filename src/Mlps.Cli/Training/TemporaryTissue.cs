using Mlps.ML;

namespace Mlps.Cli.Training;

/// <summary>The demonstration's tissue, as long as it is needed.</summary>
internal sealed class TemporaryTissue : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("mlps-").FullName;

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

    /// <summary>Opens the tissue. Every image is drawn on its own, as if from a slide of its own.</summary>
    public TissueDataset Open() => TissueDataset.Open(Folder, new TissueDatasetOptions { SourcePattern = @"^(?<source>[a-z]+-\d+)" });

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
