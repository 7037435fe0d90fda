using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>A chain of tiny networks that knows that its patches have pixels of 1 µm.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedModel : ICollectionFixture<TrainedModel>, IDisposable
{
    public const string Name = "Trained model";

    public MLContext Ml { get; } = new(seed: 3);

    public TransformerChain<GatedSegmenterTransformer> Model => field ??= TinyChain.Create(Ml, segmenter: TinyChain.Segmenter with { MicronsPerPixel = 1 }).Fit(TinyTable.Patches(6).Labelled());

    /// <summary>Writes the model to a file, without its gate: of so short a training it may leave one tissue alone.</summary>
    public string Save(string path)
    {
        var segmenter = Model.LastTransformer;
        Ml.Model.Save(new TransformerChain<ITransformer>([.. Model.SkipLast(1), segmenter.With(segmenter.Segmentation with { Gate = GateMode.None })]), inputSchema: null, path);
        return path;
    }

    public void Dispose() => Model.Dispose();
}
