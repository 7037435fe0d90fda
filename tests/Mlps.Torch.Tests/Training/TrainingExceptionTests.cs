using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class TrainingExceptionTests
{
    [Fact]
    public void OutOfMemory_Batch_IsNamedWithASmallerOne()
    {
        var error = TrainingException.OutOfMemory(20, new Device("cuda:0"), new InvalidOperationException("CUDA out of memory."));

        Assert.StartsWith("cuda:0 ran out of memory with batch size 20. Try batch size 10", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public void OutOfMemory_OnePatch_SuggestsNarrowerNetworks() =>
        Assert.Contains("Try narrower networks", TrainingException.OutOfMemory(1, CPU, new InvalidOperationException()).Message, StringComparison.Ordinal);
}
