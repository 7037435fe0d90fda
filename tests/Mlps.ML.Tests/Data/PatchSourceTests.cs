using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class PatchSourceTests
{
    [Theory]
    [InlineData("387700-9108-71176-[1 0 0 1]", "387700")]
    [InlineData("TCGA-A1-A0SK-DX1_xmin45749_ymin25055_MPP-0.2500+0[1101]", "TCGA-A1-A0SK-DX1")]
    [InlineData("testA_10_275_261", "testA_10")]
    [InlineData("436449-8917-28821-[0, 1, 0]", "436449")]
    [InlineData("tissue", "tissue")]
    [InlineData("tissue-7[10]", "tissue")]
    [InlineData("12-34", "12-34")]
    public void Of_Name_IsWithoutLabelAndCoordinates(string name, string source) => Assert.Equal(source, PatchSource.Of(name));

    [Fact]
    public void TrainTestSplit_BySource_KeepsSourcesTogether()
    {
        var ml = new MLContext(1);
        using var files = new DatasetBuilder();
        for (var slide = 0; slide < 12; slide++)
        {
            for (var patch = 0; patch < 4; patch++)
            {
                files.Image($"train/s{slide}-{patch}-8-[1 0 0].png");
            }
        }

        var split = ml.Data.TrainTestSplit(files.Open().Load(ml, DatasetSplit.Train), testFraction: 0.4, samplingKeyColumnName: TissueColumns.Source);

        var train = Sources(split.TrainSet);
        var test = Sources(split.TestSet);
        Assert.NotEmpty(train);
        Assert.NotEmpty(test);
        Assert.Empty(train.Intersect(test));
        Assert.Equal(48, train.Length + test.Length);
        Assert.NotNull(split.TrainSet.Schema.GetColumnOrNull("Image"));

        static string[] Sources(IDataView table) => [.. table.GetColumn<ReadOnlyMemory<char>>("Source").Select(source => source.ToString())];
    }
}
