using Mlps.ML;

namespace Mlps.Benchmarks.Setup;

/// <summary>Synthetic tissue in a folder that is removed afterwards.</summary>
internal sealed class Tissue : IDisposable
{
    public const int Side = 224;
    public const int ClassCount = 4;

    public Tissue(int trainPatches, int testImages, int side = Side)
    {
        Folder = Directory.CreateTempSubdirectory("mlps-bench-").FullName;
        SyntheticTissue.Write(Folder, new SyntheticTissueOptions
        {
            TrainPatches = trainPatches,
            ValidationPatches = 1,
            TestPatches = testImages,
            PatchSize = side,
            EvaluationSize = side,
            ClassCount = ClassCount,
        });
        Dataset = TissueDataset.Open(Folder);
    }

    public string Folder { get; }

    public TissueDataset Dataset { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
