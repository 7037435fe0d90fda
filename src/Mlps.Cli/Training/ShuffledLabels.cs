using Mlps.ML;

namespace Mlps.Cli.Training;

/// <summary>Deals the labels of training patches out anew, so that nothing can be learnt from them: the check that scores come from the labels.</summary>
internal static class ShuffledLabels
{
    /// <summary>Renames the patches of a dataset's <c>train</c> folder.</summary>
    public static void Apply(string dataset, int seed)
    {
        string[] files = [.. TissueDataset.Open(dataset).Patches(DatasetSplit.Train).Select(patch => patch.ImagePath).Order(StringComparer.Ordinal)];
        var labels = Array.ConvertAll(files, file => file[file.LastIndexOf('[')..]);
        new Random(seed).Shuffle(labels);
        for (var i = 0; i < files.Length; i++)
        {
            // Written names are unique before their labels, so that no new name is another's old one.
            File.Move(files[i], files[i][..files[i].LastIndexOf('[')] + labels[i], overwrite: true);
        }
    }
}
