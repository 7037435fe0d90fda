using System.Runtime.InteropServices;
using Mlps.Testing;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Files that PyTorch itself wrote, with weights that are known without them.</summary>
public sealed class TorchFileTests
{
    private const double SmallWidth = 1.0 / 16;

    [Theory]
    [InlineData("stage1_small_zip.pth", WeightFileFormat.TorchZip)]
    [InlineData("stage1_small_legacy.pth", WeightFileFormat.TorchLegacy)]
    public void Open_PublishedLayout_ListsEveryTensorInOrder(string name, WeightFileFormat format)
    {
        using var file = WeightFile.Open(Fixture.Path(name));

        Assert.Equal(format, file.Format);
        Assert.Empty(file.Metadata);
        var expected = Fixture.Shapes("stage1_small");
        Assert.Equal(229, file.Entries.Count);
        Assert.Equal(expected.Select(tensor => tensor.Name), file.Entries.Select(entry => entry.Name));
        Assert.All(expected.Zip(file.Entries), pair =>
        {
            Assert.Equal(pair.First.Shape, pair.Second.Shape);
            Assert.Equal(pair.First.Type == "int64" ? ScalarType.Int64 : ScalarType.Float32, pair.Second.DType);
        });
    }

    [Theory]
    [InlineData("stage1_small_zip.pth")]
    [InlineData("stage1_small_legacy.pth")]
    public void LoadBytes_EveryTensor_HasTheProceduralValues(string name)
    {
        using var file = WeightFile.Open(Fixture.Path(name));

        Assert.All(file.Entries, entry =>
        {
            var bytes = file.LoadBytes(entry.Name);
            if (entry.DType == ScalarType.Int64)
            {
                Assert.Equal(new byte[8], bytes);
            }
            else
            {
                Assert.Equal(ProceduralWeights.Values(entry.Name, [.. entry.Shape]), MemoryMarshal.Cast<byte, float>(bytes).ToArray());
            }
        });
    }

    [Theory]
    [InlineData("stage1_small_zip.pth")]
    [InlineData("stage1_small_legacy.pth")]
    public void LoadWeights_IntoTheSameNetwork_MatchesEveryTensor(string name)
    {
        using var scope = NewDisposeScope();
        using var network = new ResNet38(4, SmallWidth);

        var report = network.LoadWeights(Fixture.Path(name));

        Assert.True(report.IsComplete);
        Assert.Equal(229, report.Matched.Count);
        Assert.Equal(
            ProceduralWeights.Values("fc8.weight", [4, 256, 1, 1]),
            network.state_dict()["fc8.weight"].detach().data<float>().ToArray());
        Assert.Equal(
            ProceduralWeights.Values("b7.bn_branch2b2.running_var", [128]),
            network.state_dict()["b7.bn_branch2b2.running_var"].data<float>().ToArray());
    }

    [Fact]
    public void LoadWeights_IntoAnotherClassCount_NamesTheLastLayer()
    {
        using var network = new ResNet38(3, SmallWidth);

        var error = Assert.Throws<WeightMismatchException>(() => network.LoadWeights(Fixture.Path("stage1_small_zip.pth")));

        Assert.Contains("fc8.weight (expected [3, 256, 1, 1], found [4, 256, 1, 1])", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveWeights_ThenLoad_GivesTheSameValuesUnderThePublishedNames()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = new ResNet38(4, SmallWidth);
        network.LoadWeights(Fixture.Path("stage1_small_zip.pth"));

        network.SaveWeights(folder.File("stage1.safetensors"));

        using var file = WeightFile.Open(folder.File("stage1.safetensors"));
        Assert.Equal(Fixture.Shapes("stage1_small").Select(tensor => tensor.Name).Order(), file.Entries.Select(entry => entry.Name).Order());
        Assert.All(file.Entries.Where(entry => entry.DType == ScalarType.Float32), entry => Assert.Equal(
            ProceduralWeights.Values(entry.Name, [.. entry.Shape]),
            MemoryMarshal.Cast<byte, float>(file.LoadBytes(entry.Name)).ToArray()));
    }

    [SharedDataFact]
    public void Open_TrainingCheckpoint_GivesTheStateDictAndKeepsTheScores()
    {
        using var file = WeightFile.Open(SharedData.File("oracle", "stage2_small", "stage2_small_ckpt_legacy.pth.tar"));

        Assert.Equal(WeightFileFormat.TorchLegacy, file.Format);
        Assert.Equal(Fixture.Shapes("stage2_small").Select(tensor => tensor.Name), file.Entries.Select(entry => entry.Name));
        Assert.Equal("1", file.Metadata["epoch"]);
        Assert.Equal("0.5", file.Metadata["best_pred"]);
        Assert.All(
            ["aspp.conv1.weight", "backbone.bn1.running_var", "backbone.conv1.weight", "decoder.last_conv.8.bias"],
            name => Assert.Equal(
                File.ReadAllBytes(SharedData.File("oracle", "stage2_small", $"ckpt_after2__{name}.bin")), file.LoadBytes(name)));
    }

    [SharedDataFact]
    public void Open_SecondStageInBothContainers_GivesTheProceduralValues()
    {
        Assert.All(["stage2_small_zip.pth", "stage2_small_legacy.pth"], name =>
        {
            using var file = WeightFile.Open(SharedData.File("oracle", "stage2_small", name));
            Assert.Equal(680, file.Entries.Count);
            Assert.All(file.Entries.Where(entry => entry.DType == ScalarType.Float32), entry => Assert.Equal(
                ProceduralWeights.Values(entry.Name, [.. entry.Shape]),
                MemoryMarshal.Cast<byte, float>(file.LoadBytes(entry.Name)).ToArray()));
        });
    }
}
