using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Validation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Validation;

public sealed class ClassMapSegmentationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Compute_ClassesThatAreNotPredicted_AreNeverChosen()
    {
        // Left pixel: class 0 leads, then 1; right pixel: class 2 alone.
        var maps = tensor(new float[] { 9, 0, 5, 0, 0, 7 }, [1, 3, 1, 2]);
        var logits = tensor(new float[] { Logit(0.2), Logit(0.26), Logit(0.9) }, [1, 3]);

        Assert.Equal([1, 2], Classes(ClassMapSegmentation.Compute(maps, logits, 1, 2)));
    }

    [Fact]
    public void Compute_NoClassPredicted_TakesTheMostProbable()
    {
        var maps = tensor(new float[] { 9, 9, -1, -1 }, [1, 2, 1, 2]);
        var logits = tensor(new float[] { Logit(0.1), Logit(0.2) }, [1, 2]);

        Assert.Equal([1, 1], Classes(ClassMapSegmentation.Compute(maps, logits, 1, 2)));
    }

    [Fact]
    public void Of_MapsScaledPerClass_ChoosesByTheShareOfEachClasssMaximum()
    {
        // The last class is not predicted.
        var maps = tensor(new float[] { 10, 4, 1, 2, 50, 50 }, [1, 3, 1, 2]);
        var logits = tensor(new float[] { Logit(0.9), Logit(0.8), Logit(0.1) }, [1, 3]);

        Assert.Equal([0, 0], Classes(ClassMapSegmentation.Compute(maps, logits, 1, 2)));
        Assert.Equal([0, 1], Classes(ClassMapSegmentation.Compute(maps, logits, 1, 2, MapScaling.PerClass)));
    }

    private static float Logit(double probability) => (float)Math.Log(probability / (1 - probability));

    private static byte[] Classes(Tensor mask) => mask.contiguous().data<byte>().ToArray();
}
