using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>What components learn from a context and what they say through it.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public void ComputeDevice_OfAContext_FollowsItsProperties()
    {
        var ml = new MLContext();
        ml.GpuDeviceId = 3;
        ml.FallbackToCpu = false;
        Assert.Equal(new ComputeDevice(3, false), ComputeDevice.Read(ml));

        ml.GpuDeviceId = null;
        ml.FallbackToCpu = true;
        Assert.Equal(new ComputeDevice(null, true), ComputeDevice.Read(ml));
    }

    [Fact]
    public void ComputeDevice_OfAHost_IsThatOfItsContext()
    {
        var ml = new MLContext { GpuDeviceId = 1, FallbackToCpu = false };

        Assert.Equal(new ComputeDevice(1, false), ComputeDevice.Read(((IHostEnvironment)ml).Register("Test")));
    }

    [Fact]
    public void Seed_IsThatOfTheContext()
    {
        Assert.Equal(17, ComputeDevice.ReadSeed(new MLContext(seed: 17)));
        Assert.Null(ComputeDevice.ReadSeed(new MLContext()));
    }

    [Fact]
    public void Log_ReceivesMessagesWithTheirSourceAndKind()
    {
        var ml = new MLContext();
        var messages = new List<(ChannelMessageKind Kind, string Source, string Text)>();
        ml.Log += (_, message) => messages.Add((message.Kind, message.Source, message.RawMessage));
        var host = ((IHostEnvironment)ml).Register("PatchClassifier");

        host.Info("Training", "epoch 1 {of} 2");
        host.Warning("Training", "no mask");

        Assert.Contains(messages, message => message.Kind == ChannelMessageKind.Info && message.Text == "epoch 1 {of} 2" && message.Source.Contains("PatchClassifier", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Kind == ChannelMessageKind.Warning && message.Text == "no mask");
    }

    [Fact]
    public void TissueSegmentation_OfAContext_KnowsTheContext()
    {
        var ml = new MLContext();

        Assert.Same(ml, ml.TissueSegmentation.Context);
        Assert.Throws<ArgumentNullException>(() => ((MLContext)null!).TissueSegmentation);
    }
}
