using Microsoft.ML;
using Microsoft.ML.Data;
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
    [InlineData("slide0+0[1101]", "slide0")]
    [InlineData("t47_251_0", "t47")]
    [InlineData("train_25_579_21-[1 1]", "train_25")]
    public void Parse_Name_IsWithoutLabelAndCoordinates(string name, string source) => Assert.Equal(source, PatchSource.Parse(name));

    [Theory]
    [InlineData("Slide 0 [x=1344,y=0,w=224,h=224]-[0 1]", "Slide 0")]
    [InlineData("Slide 12_3 [d=4,x=-12,y=0,w=224,h=224,z=1]", "Slide 12_3")]
    [InlineData("slide7[x=0,y=448,w=224,h=224][10]", "slide7")]
    [InlineData("B19-0123 (series 1) [x=0,y=0,w=512,h=512]-labelled", "B19-0123 (series 1)")]
    [InlineData("TCGA-05-4244-01Z-00-DX1_x_1024_y_2048", "TCGA-05-4244-01Z-00-DX1")]
    [InlineData("slide_12_x_0_y_224[1 0]", "slide_12")]
    [InlineData("slide_12_x_0_y_224[10]", "slide_12")]
    [InlineData("slide-12-x1024-y2048", "slide-12")]
    [InlineData("slide_12_X=1024_Y=2048_w224_h224", "slide_12")]
    [InlineData("slide_12_y0_x4", "slide_12")]
    [InlineData("slide_12_tile_5_level2_224-224-448-448", "slide_12")]
    [InlineData("TMA 3_Row_1_Col_2", "TMA 3")]
    [InlineData("slide12_r3_c17", "slide12")]
    [InlineData("slide12_R003C017-[0 1]", "slide12")]
    [InlineData("slide12_col3_row5", "slide12")]
    [InlineData("slide12_i3_j17", "slide12")]
    [InlineData("slide 4 (1024,2048)", "slide 4")]
    [InlineData("slide_4_(1024, 2048)-[1 0]", "slide_4")]
    [InlineData("slide(1024_2048)", "slide")]
    [InlineData("slide (1024  2048)", "slide")]
    [InlineData("slide ( 1024 , -2048 ; 3 )-[1 0]", "slide")]
    [InlineData("patient12_3_patch00017", "patient12_3")]
    [InlineData("slide-4-tile-12-[1 0]", "slide-4")]
    [InlineData("slideA_Tile_20_0_1000", "slideA")]
    [InlineData("slide4_patch17_x_0_y_224", "slide4")]
    [InlineData("slide4_level0_x_0_y_224", "slide4")]
    [InlineData("slide4_12,34", "slide4")]
    [InlineData("slide4_3x17", "slide4")]
    public void Parse_NameOfATool_IsTheSlide(string name, string source) => Assert.Equal(source, PatchSource.Parse(name));

    [Theory]
    [InlineData("patient12_3")]
    [InlineData("slide_7")]
    [InlineData("TCGA-05-4244")]
    [InlineData("TCGA-A1-A0SK-DX1")]
    [InlineData("S05-1234")]
    [InlineData("slide (2)")]
    [InlineData("scan 2019-2020 (copy)")]
    [InlineData("textile3")]
    [InlineData("patch-00017")]
    [InlineData("x_0_y_224")]
    [InlineData("Row_1_Col_2")]
    [InlineData("[x=0,y=0,w=224,h=224]")]
    [InlineData("proxy_12")]
    [InlineData("肺 3")]
    public void Parse_NameThatTellsNoPlace_IsASourceOfItsOwn(string name) => Assert.Equal(name, PatchSource.Parse(name));

    [Theory]
    [InlineData("slide0[1001]", "slide0")]
    [InlineData("TCGA-05-4244[1001]", "TCGA-05-4244")]
    [InlineData("slide_12_34[1001]", "slide")]
    [InlineData("patch-00017-[1 0]", "patch-00017")]
    public void Parse_LabelBesideDigits_TakesNoDigitsOfTheSlide(string name, string source) => Assert.Equal(source, PatchSource.Parse(name));

    [Fact]
    public void Parse_LongNames_TakesNoTime()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var part in (string[])["1", "_1", "x1", " 1,", "(1 ", "_tile1_", "tile_1 ", "[x=", "_r1_", "level_1-"])
        {
            _ = PatchSource.Parse(string.Concat(Enumerable.Repeat(part, 250 / part.Length)) + "!");
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    /// <summary>Two spaces between numbers could once be read in two ways each, and a bracket that is never closed had all of them tried.</summary>
    [Theory]
    [InlineData("(1", "  1")]
    [InlineData("[1", "  -1")]
    [InlineData("(1", " ,  1")]
    [InlineData("(1", "      ")]
    public async Task Parse_NumbersInAnOpenBracket_TakesNoTime(string start, string part)
    {
        var name = start + string.Concat(Enumerable.Repeat(part, 60));

        Assert.Equal(name, await Task.Run(() => PatchSource.Parse(name)).WaitAsync(TimeSpan.FromSeconds(30)));
    }

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
