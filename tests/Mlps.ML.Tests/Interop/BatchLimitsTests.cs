using System.Text.Json.Nodes;
using Mlps.ML.Stages;
using Mlps.Torch.Runtime;
using TorchSharp;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>How large batches are.</summary>
public sealed class BatchLimitsTests
{
    [Theory]
    [InlineData(DeviceType.CPU, null, 8)]
    [InlineData(DeviceType.CPU, 32, 32)]
    [InlineData(DeviceType.CUDA, null, 64)]
    [InlineData(DeviceType.CUDA, 8, 8)]
    [InlineData(DeviceType.CUDA, 128, 128)]
    public void Rows_AreThoseOfTheOption_AndByDefaultThoseOfTheDevice(DeviceType type, int? option, int expected) =>
        Assert.Equal(expected, BatchLimits.Rows(new torch.Device(type, type is DeviceType.CPU ? -1 : 0), option));

    [Theory]
    [InlineData("""{"ScoringBatchSize": 8}""", """{"ScoringBatchSize":null}""")]
    [InlineData("""{"ScoringBatchSize": 3}""", """{"ScoringBatchSize":3}""")]
    [InlineData("""{"ScoringBatchSize": "many"}""", """{"ScoringBatchSize":"many"}""")]
    [InlineData("""{}""", """{}""")]
    public void Rows_OfModelsFromBeforeNullStoodForTheDefault_AreTheDefaultWhereTheyWere(string saved, string expected)
    {
        var options = JsonNode.Parse(saved)!.AsObject();

        SavedBatchSize.UpgradeDefault(options);

        Assert.Equal(expected, options.ToJsonString());
    }

    [Theory]
    [InlineData(null, 1 << 20)]
    [InlineData(8L << 30, 1 << 20)]
    [InlineData(32L << 30, 2 << 20)]
    [InlineData(80L << 30, 5 << 20)]
    public void Pixels_OfAGpu_FollowItsMemory(long? bytes, long expected) => Assert.Equal(expected, BatchLimits.PixelsOfGpu(bytes));

    [Fact]
    public void Memory_OfAGpu_IsKnownWhereThereIsOne()
    {
        Assert.True(!torch.cuda_is_available() || GpuMemory.TotalBytes(0) > 1 << 30);
        Assert.Null(GpuMemory.TotalBytes(1000));
    }
}
