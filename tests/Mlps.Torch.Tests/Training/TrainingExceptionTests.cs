using Mlps.Torch.Data;
using Mlps.Torch.Ranks;
using Mlps.Torch.Tests.Runtime;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class TrainingExceptionTests
{
    [Fact]
    public void OutOfMemory_Batch_IsNamedWithASmallerOne()
    {
        var error = TrainingException.OutOfMemory(20, 96, 224, new Device("cuda:0"), new InvalidOperationException("CUDA out of memory."));

        Assert.StartsWith("cuda:0 ran out of memory with batch size 20 and patches of 224x96 pixels. Try batch size 10 (BatchSize)", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public void OutOfMemory_OnePatch_SuggestsNarrowerNetworks() =>
        Assert.Contains("Try smaller patches or narrower networks", TrainingException.OutOfMemory(1, 224, 224, CPU, new InvalidOperationException()).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_OptimizerThatDoesNotFitTheDevice_NamesTheBatchSize()
    {
        using var patches = TwoTissues.Store(4);
        var options = PlainLoop.Of(epochs: 1, batchSize: 4, seed: 1);
        using var stage = new StageWithoutMemory(() => throw LibTorchFailure.With("CUDA out of memory. Tried to allocate 1.00 GiB."));

        var error = Assert.Throws<TrainingException>(() => new TrainingLoop(stage, patches, options, CPU).Run(progress: null, CancellationToken.None));

        Assert.Contains("ran out of memory with batch size 4 and patches of 16x16 pixels", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_ValidationThatDoesNotFitTheDevice_SaysThatItWasThat(bool named)
    {
        using var patches = TwoTissues.Store(4);
        using var stage = new StageWithoutMemory(
            validate: () => throw (named ? new InsufficientMemoryException("cuda:0 ran out of memory while predicting 8 images.") : LibTorchFailure.With("CUDA out of memory.")));

        var error = Assert.Throws<TrainingException>(() => new TrainingLoop(stage, patches, PlainLoop.Of(epochs: 1, batchSize: 4, seed: 1), CPU).Run(progress: null, CancellationToken.None));

        Assert.Contains("ran out of memory while it scored the validation set", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    private sealed class StageWithoutMemory(Action? prepare = null, Func<IReadOnlyList<KeyValuePair<string, double>>>? validate = null) : ITrainedStage, IDisposable
    {
        private readonly TorchSharp.Modules.Linear _network = nn.Linear(1, 1);

        public TrainingStage Stage => TrainingStage.Segmenter;

        public Precision Precision => Precision.Full;

        public nn.Module Network => _network;

        public NetworkOptimizer PrepareOptimizer(int stepsPerEpoch)
        {
            prepare?.Invoke();
            return new NetworkOptimizer(new OptimizerOptions(), 1, stepsPerEpoch, [(_network.parameters(), 1, true)]);
        }

        public void StartEpoch(int epoch)
        {
        }

        public (Tensor Loss, (string Name, Tensor Value)[] Scores) Loss(PatchBatch batch, BatchShare share) => (_network.forward(ones(1, 1)).sum(), []);

        public IReadOnlyList<KeyValuePair<string, double>> Validate() => validate!();

        public void Dispose() => _network.Dispose();
    }
}
