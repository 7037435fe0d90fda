using Mlps.Label.Tests.Browser;
using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.CommandLine;

/// <summary>The command as a process of its own, without a browser.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ImportAndExport_InOneCommand_MakeADatasetOfATable()
    {
        var patches = PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png", "b_x0_y0.png");
        File.WriteAllText(_folder.File("table.csv"), "file,labels\na_x0_y0.png,tumor;bone\na_x1_y0.png,bone\nb_x0_y0.png,tumor\n");

        var (code, output) = LabelProcess.Run("label", "--patches", patches, "--classes", "tumor,bone", "--colors", "#010203,040506", "--import", _folder.Combine("table.csv"), "--person", "Dr. Old", "--export", _folder.Combine("dataset"), "--held-out", "0");

        Assert.True(code == 0, output);
        Assert.Contains("3 labels of Dr. Old", output, StringComparison.Ordinal);
        Assert.Contains("warning: tumor occurs in 2 training patches: 198 are missing", output, StringComparison.Ordinal);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        Assert.Equal(new TissueClasses([new("tumor", new(1, 2, 3)), new("bone", new(4, 5, 6))]), dataset.Classes);
        Assert.Equal(3, dataset.Report(DatasetSplit.Train).PatchCount);
    }

    [Theory]
    [InlineData("--held-out is 1; it must be from 0 to below 1.", "--held-out", "1")]
    [InlineData("--listen 'everywhere' is no address", "--listen", "everywhere")]
    [InlineData("--colors has 1 colours, and --classes 2 tissues", "--classes", "a,b", "--colors", "#FFFFFF")]
    public void Options_OutsideTheirRange_AreRefused(string expected, params string[] options)
    {
        var (code, output) = LabelProcess.Run(["label", "--patches", PatchesOf(_folder, "a.png"), .. options]);

        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("patches", "labels")));
    }

    public void Dispose() => _folder.Dispose();
}
