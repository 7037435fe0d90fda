using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch.Inference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Onnx.Tests;

/// <summary>ML.NET's own scorer takes an exported model.</summary>
public sealed class MLNetTests : IDisposable
{
    private const int Values = 3 * SmallModel.Patch * SmallModel.Patch;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ApplyOnnxModel_OfTheDefaultExport_MakesEqualMasks()
    {
        var model = SmallModel.Shared;
        var ml = model.Context;
        var path = _folder.Combine("model.onnx");
        ml.TissueSegmentation.ExportOnnx(model.Chain, path);
        var images = SmallTissue.Images(3, SmallModel.Patch, SmallModel.Patch);
        var rows = Enumerable.Range(0, 3).Select(row => new Row { Image = images[row].to(ScalarType.Float32).data<float>().ToArray() });

        var scorer = ml.Transforms.ApplyOnnxModel([OnnxExport.MaskName, OnnxExport.ProbabilityName], [OnnxExport.ImageName], path).Fit(ml.Data.LoadFromEnumerable<Row>([]));
        using var owner = (IDisposable)scorer;
        var scored = scorer.Transform(ml.Data.LoadFromEnumerable(rows));
        var masks = scored.GetColumn<byte[]>(OnnxExport.MaskName).ToArray();
        var probabilities = scored.GetColumn<float[]>(OnnxExport.ProbabilityName).ToArray();

        var expected = model.Classifier.Classifier.PredictProbabilities(images);
        var gate = expected.unsqueeze(-1).unsqueeze(-1);
        var expectedMasks = model.Segmenter.Segmenter.PredictMasks(images, gate, model.Segmenter.Segmentation with { Prediction = PredictionMode.Whole });
        Assert.Equal(expectedMasks.data<byte>().ToArray(), masks.SelectMany(mask => mask));
        Assert.All(expected.data<float>().ToArray().Zip(probabilities.SelectMany(values => values)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private sealed class Row
    {
        [ColumnName(OnnxExport.ImageName)]
        [VectorType(Values)]
        public float[] Image { get; set; } = [];
    }
}
