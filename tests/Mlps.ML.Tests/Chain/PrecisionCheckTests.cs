using Microsoft.ML;
using Mlps.Torch;
using Mlps.Torch.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.ML.Tests.Chain;

/// <summary>The warning where a stage computes in bfloat16 on a processor without instructions for it.</summary>
[Collection(ChainTests.Name)]
public sealed class PrecisionCheckTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public PrecisionCheckTests() => _ml.Log += (_, entry) =>
    {
        if (entry.Message.Contains("no instructions for bfloat16", StringComparison.Ordinal))
        {
            _warnings.Add(entry.Message);
        }
    };

    [Theory]
    [InlineData(Precision.BFloat16, Precision.Full, "cpu", false, 1)]
    [InlineData(Precision.Full, Precision.BFloat16, "cpu", false, 1)]
    [InlineData(Precision.BFloat16, Precision.BFloat16, "cpu", false, 1)]
    [InlineData(Precision.Full, Precision.Full, "cpu", false, 0)]
    [InlineData(Precision.BFloat16, Precision.BFloat16, "cpu", true, 0)]
    [InlineData(Precision.BFloat16, Precision.BFloat16, "cuda", false, 0)]
    public void Report_WarnsOnceWhereThisProcessorIsSlow(Precision training, Precision prediction, string where, bool processorHasInstructions, int expected)
    {
        PrecisionCheck.Report(_ml, new Device(where), processorHasInstructions, training, prediction);

        Assert.Equal(expected, _warnings.Count);
    }

    [Fact]
    public void Stages_InBFloat16_AreReportedWhereFittedLoadedAndChanged()
    {
        var each = BFloat16Instructions.AreThere ? 0 : 1;
        var table = TinyTable.Patches(4).Labelled();
        using var model = TinyChain.Create(_ml, TinyChain.Classifier with { Precision = Precision.BFloat16 }, segmenter: TinyChain.Segmenter with { Training = TinyChain.Segmenter.Training! with { Precision = Precision.BFloat16 } }).Fit(table);
        Assert.Equal(2 * each, _warnings.Count);

        using var file = new MemoryStream();
        _ml.Model.Save(model, table.Schema, file);
        using var loaded = (IDisposable)_ml.Model.Load(file, out _);
        Assert.Equal(3 * each, _warnings.Count);

        using var changed = model.LastTransformer.With(model.LastTransformer.Segmentation with { Precision = Precision.BFloat16 });
        using var same = model.ClassifierOf().With(Precision.BFloat16);
        Assert.Equal(4 * each, _warnings.Count);
    }
}
