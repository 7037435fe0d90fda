using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Tensors live in native memory that no garbage collector sees: they are counted.</summary>
[Collection(ChainTests.Name)]
public sealed class NativeMemoryTests(TrainedChain chain)
{
    private static readonly string[] _floats = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability", "PixelUncertainty"];

    [Fact]
    public void Transform_ManyRounds_LeavesNoTensor()
    {
        var before = Settle();

        for (var round = 0; round < 5; round++)
        {
            var predicted = chain.Model.Transform(TinyTable.Images(4, 40, 36).Labelled());
            Assert.All(_floats, column => Assert.Equal(4, predicted.Vectors<float>(column).Length));
            Assert.Equal(4, predicted.Vectors<byte>("PredictedMask").Length);

            Assert.Equal(before, torch.Tensor.TotalCount);
        }
    }

    [Fact]
    public void Transform_CursorLeftHalfRead_LeavesNoTensor()
    {
        var before = Settle();
        var predicted = chain.Model.Transform(TinyTable.Patches(8).Labelled());

        using (var cursor = predicted.GetRowCursor([predicted.Schema["PixelProbability"]]))
        {
            VBuffer<float> value = default;
            cursor.MoveNext();
            cursor.GetGetter<VBuffer<float>>(predicted.Schema["PixelProbability"])(ref value);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void FitAndDispose_WithValidationSet_LeavesNoTensor()
    {
        Round();
        var before = Settle();

        for (var round = 1; round <= 2; round++)
        {
            var parameters = Round();

            Assert.Equal(before + (round * parameters), Settle());
        }

        static int Round()
        {
            var large = TinyTable.Images(3, 44, 40);
            using var model = TinyChain.Create(
                new MLContext(2),
                TinyChain.Classifier with { Run = new() { ValidationSet = large.Masked() } },
                segmenter: TinyChain.Segmenter with { Run = new() { ValidationSet = large.Masked() }, CalibrateGate = true, Training = new() { Epochs = 2, BatchSize = 4 } })
                .Fit(TinyTable.Patches(8).Labelled());
            Assert.Equal(3, model.Transform(large.Labelled()).Vectors<byte>("PredictedMask").Length);
            return Parameters(model);
        }
    }

    /// <summary>The classifier of a method that did not come to its end is nobody's.</summary>
    [Fact]
    public void Fit_CancelledInTheSecondStage_FreesTheFirst()
    {
        Settle();

        Stop();

        // Nothing is left for finalizers to free.
        var left = torch.Tensor.TotalCount;
        Assert.Equal(Settle(), left);

        static void Stop()
        {
            using var stop = new CancellationTokenSource();
            var progress = new EpochReport(report =>
            {
                if (report.Stage is TrainingStage.Segmenter)
                {
                    stop.Cancel();
                }
            });
            var options = new MultiLayerPseudoSupervisionOptions
            {
                Classifier = TinyChain.Classifier,
                Segmenter = TinyChain.Segmenter with { Training = new() { Epochs = 3, BatchSize = 4 } },
                Run = new() { Progress = progress, CancellationToken = stop.Token },
            };
            Assert.ThrowsAny<OperationCanceledException>(() => new MLContext(2).TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled()));
        }
    }

    [Fact]
    public void Fit_ManySteps_TensorCountStaysFlat()
    {
        var counts = new List<(TrainingStage Stage, long Count)>();
        var progress = new EpochReport(report => counts.Add((report.Stage, torch.Tensor.TotalCount)));

        using var model = TinyChain.Create(
            new MLContext(2),
            TinyChain.Classifier with { Run = new() { Progress = progress }, Training = new() { Epochs = 12, BatchSize = 2 } },
            segmenter: TinyChain.Segmenter with { Run = new() { Progress = progress }, Training = new() { Epochs = 12, BatchSize = 2 } }).Fit(TinyTable.Patches(8).Labelled());

        // The first steps make momenta; after that 44 steps of a stage leave less than one tensor each.
        foreach (var stage in Enum.GetValues<TrainingStage>())
        {
            var ofStage = counts.Where(entry => entry.Stage == stage).Select(entry => entry.Count).ToArray();
            Assert.Equal(12, ofStage.Length);
            Assert.True(ofStage[^1] - ofStage[1] < 40, $"{stage}: {string.Join(", ", ofStage)}");
        }
    }

    [Fact]
    public void FitThatFails_LeavesNoTensor()
    {
        var before = Settle();
        var broken = new TinyTable(Enumerable.Range(0, 6).Select(number => new TinyRow(number))) { BrokenImage = "patch 4" };

        Assert.ThrowsAny<Exception>(() => TinyChain.Create(new MLContext(2)).Fit(broken.Labelled()));

        Assert.Equal(before, Settle());
    }

    [Fact]
    public void LoadAndDispose_LeavesNoTensor()
    {
        using var stream = new MemoryStream();
        chain.Ml.Model.Save(chain.Model, null, stream);
        var before = Settle();

        for (var round = 1; round <= 3; round++)
        {
            stream.Position = 0;
            ((IDisposable)chain.Ml.Model.Load(stream, out _)).Dispose();

            // Each network is made twice: once without memory, for its shapes.
            Assert.Equal(before + (round * 2 * Parameters(chain.Model)), Settle());
        }
    }

    [Fact]
    public void With_OtherSegmentation_SharesTheNetworkAndOutlivesItsOwnDispose()
    {
        var before = Settle();
        var other = chain.Model.LastTransformer.With(new() { Gate = GateMode.None });
        Assert.Equal(before, torch.Tensor.TotalCount);

        other.Dispose();

        Assert.Equal(2, chain.Model.Transform(TinyTable.Patches(2).Labelled()).Vectors<byte>("PredictedMask").Length);
    }

    /// <summary>
    /// Parameters made for a chain's two networks. TorchSharp makes a parameter by moving a tensor's handle into it, and counts the tensor that was left empty for ever. Those of convolutions are made twice:
    /// first without memory, so that nothing is drawn for them.
    /// </summary>
    private static int Parameters(TransformerChain<GatedSegmenterTransformer> model) =>
        Made(model.ClassifierOf().Classifier.Network) + Made(model.LastTransformer.Segmenter.Network);

    private static int Made(torch.nn.Module network) =>
        network.parameters().Count() + network.modules().OfType<Conv2d>().Sum(convolution => convolution.parameters().Count());

    /// <summary>Tensors alive once everything is finalized that earlier tests left behind.</summary>
    private static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return torch.Tensor.TotalCount;
    }

    private sealed class EpochReport(Action<TrainingProgress> ended) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.EpochEnded)
            {
                ended(value);
            }
        }
    }
}
