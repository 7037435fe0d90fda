using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>A chain that is trained once for all tests that only ask it.</summary>
public sealed class TrainedChain : IDisposable
{
    public TrainedChain()
    {
        Model = TinyChain.Create(
            Ml,
            TinyChain.Classifier with { Training = TinyChain.Classifier.Training! with { Epochs = 8 } },
            segmenter: TinyChain.Segmenter with { Training = new SegmenterTrainingOptions { Epochs = 6, BatchSize = 4 } }).Fit(TinyTable.Patches(12).Labelled());
    }

    internal MLContext Ml { get; } = new(seed: 5);

    internal TransformerChain<GatedSegmenterTransformer> Model { get; }

    public void Dispose() => Model.Dispose();
}

/// <summary>Trainings draw from the process's random generator, and tensors are counted for the whole process: nothing else may run beside.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChainTests : ICollectionFixture<TrainedChain>
{
    public const string Name = "Chain";
}
