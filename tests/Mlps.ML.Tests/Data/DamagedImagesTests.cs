using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class DamagedImagesTests : IDisposable
{
    private readonly DatasetBuilder _files = new DatasetBuilder().Image("train/a-[1 0 0].png").Image("train/b-[0 1 0].png").Image("train/c-[1 1 0].png");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Load_Skip_LeavesOutWhatCannotBeReadAndSaysSo()
    {
        CutShort("train/b-[0 1 0].png");
        var ml = new MLContext();
        var warnings = new List<string>();
        ml.Log += (_, entry) => warnings.Add(entry.Message);

        var table = _files.Open().Load(ml, DatasetSplit.Train, DamagedImages.Skip);

        Assert.Equal(["a-[1 0 0]", "c-[1 1 0]"], table.GetColumn<string>("Name"));
        Assert.Contains(warnings, message => message.Contains("left out", StringComparison.Ordinal) && message.Contains("b-[0 1 0].png", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_Fail_ThrowsWhenTheImageIsRead()
    {
        CutShort("train/b-[0 1 0].png");
        var table = _files.Open().Load(new MLContext(), DatasetSplit.Train);

        var error = Assert.ThrowsAny<Exception>(() => table.GetColumn<MLImage>("Image").ToArray());

        Assert.Contains("b-[0 1 0].png", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SkipWithNothingReadable_IsAnError()
    {
        foreach (var name in (string[])["train/a-[1 0 0].png", "train/b-[0 1 0].png", "train/c-[1 1 0].png"])
        {
            CutShort(name);
        }

        var error = Assert.Throws<TissueDataException>(() => _files.Open().Load(new MLContext(), DatasetSplit.Train, DamagedImages.Skip));

        Assert.Contains("None of its 3 images can be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindDamaged_WholeDataset_FindsNothing() => Assert.Empty(_files.Open().FindDamaged(DatasetSplit.Train));

    /// <summary>The header stays, so that the size can be read.</summary>
    private void CutShort(string name)
    {
        var path = _files.PathOf(name);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
    }
}
