using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mlps.Onnx.Tests;

/// <summary>What OnnxRuntime computes of an exported model is what the library computes.</summary>
public sealed class ExportTests : IDisposable
{
    private static readonly int[] _counts = [1, 4];
    private static readonly (int Height, int Width)[] _sizes = [(64, 64), (96, 72), (77, 91)];

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38, BackboneKind.Compact, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet18, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet18, 8)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Compact, 8)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet, 8)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Drn, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.MobileNet, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.MobileNet, 8)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Xception, 16)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Xception, 8)]
    public void Dynamic_OfEveryEncoder_EqualsTheLibraryAtAllSizes(ClassifierEncoder encoder, BackboneKind backbone, int outputStride)
    {
        using var model = new SmallModel(encoder, backbone, outputStride: outputStride);
        using var session = Export(model, new() { Dynamic = true, Uncertainty = true });

        var sets = _sizes.SelectMany(size => _counts.Select(count => SmallTissue.Images(count, size.Height, size.Width)));

        AssertEqual(model, session, [.. sets]);
    }

    [Theory]
    [InlineData(Normalization.None, Recipe.Reference, GateMode.Whole, 0.5)]
    [InlineData(Normalization.BlueGreenRed, Recipe.Default, GateMode.None, 0.1)]
    [InlineData(Normalization.ImageNet, Recipe.Default, GateMode.Whole, 0.999)]
    [InlineData(Normalization.ImageNet, Recipe.Default, GateMode.Whole, 0.5)]
    public void Dynamic_OfEveryGate_EqualsTheLibrary(Normalization normalization, Recipe recipe, GateMode gate, double threshold)
    {
        var segmentation = new SegmentationOptions { Recipe = recipe, Gate = gate, GateThreshold = threshold };
        using var model = new SmallModel(normalization: normalization, segmentation: segmentation, thresholds: [0.3, 0.5, 0.7, 0.45]);
        using var session = Export(model, new() { Dynamic = true, Uncertainty = true, Input = OnnxInput.Bytes });

        AssertEqual(model, session, SmallTissue.Images(4, 64, 64));
    }

    [Fact]
    public void Fixed_ByDefault_TakesOneImageOfThePatchSize()
    {
        var model = SmallModel.Shared;
        using var session = Export(model, options: null);

        Assert.Equal([1, 3, SmallModel.Patch, SmallModel.Patch], session.InputMetadata[OnnxExport.ImageName].Dimensions);
        Assert.Equal(typeof(float), session.InputMetadata[OnnxExport.ImageName].ElementType);
        Assert.Equal([OnnxExport.ProbabilityName, OnnxExport.PixelProbabilityName, OnnxExport.MaskName], session.OutputNames);
        Assert.Equal([1, SmallModel.Patch, SmallModel.Patch], session.OutputMetadata[OnnxExport.MaskName].Dimensions);
        AssertEqual(model, session, SmallTissue.Images(1, SmallModel.Patch, SmallModel.Patch));
    }

    [Fact]
    public void Fixed_OfAnotherSize_EqualsTheLibrary()
    {
        var model = SmallModel.Shared;
        using var session = Export(model, new() { Height = 96, Width = 77, Uncertainty = true });

        AssertEqual(model, session, SmallTissue.Images(1, 96, 77));
    }

    [Fact]
    public void Metadata_TellsOfTheModel()
    {
        var model = SmallModel.Shared;
        using var session = Export(model, options: null);

        var metadata = session.ModelMetadata.CustomMetadataMap;

        Assert.Equal(model.Segmenter.Classes, TissueClasses.FromJson(metadata["mlps.classes"]));
        Assert.Equal(model.Segmenter.Classes.Names, JsonSerializer.Deserialize<string[]>(metadata["mlps.class_names"]));
        Assert.Equal(model.Segmenter.Classes.Palette, JsonSerializer.Deserialize<string[]>(metadata["mlps.class_colors"])!.Select(TissueColor.Parse));
        Assert.Equal(("0.5", "Default", "Whole", "Windows", "0.1", "64x64"), (metadata["mlps.microns_per_pixel"], metadata["mlps.recipe"], metadata["mlps.gate"], metadata["mlps.model_gate"], metadata["mlps.gate_threshold"], metadata["mlps.patch_size"]));
    }

    private InferenceSession Export(SmallModel model, OnnxExportOptions? options)
    {
        var path = _folder.Combine("model.onnx");
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, path, options);
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        return new InferenceSession(path, settings);
    }

    private static void AssertEqual(SmallModel model, InferenceSession session, params Tensor[] sets)
    {
        // Together, since one pixel whose two best tissues tie is more than a share of a small image.
        var different = sets.Sum(images => CountDifferent(model, session, images));
        var all = sets.Sum(images => images.numel() / 3);
        Assert.True(different <= Math.Max(1, 1e-4 * all), FormattableString.Invariant($"{different} of {all} pixels differ."));
    }

    /// <summary>Compares probabilities, and returns the number of pixels whose class differs.</summary>
    private static long CountDifferent(SmallModel model, InferenceSession session, Tensor images)
    {
        var (classifier, segmenter) = (model.Classifier, model.Segmenter);
        var probabilities = PresenceScaling.Apply(classifier.Classifier.PredictProbabilities(images), classifier.PresenceThresholds);
        var options = segmenter.Segmentation with { Prediction = PredictionMode.Whole };
        var gate = options.Gate is GateMode.None ? null : probabilities.unsqueeze(-1).unsqueeze(-1);
        var pixels = segmenter.Segmenter.PredictProbabilities(images, gate, options);
        var masks = segmenter.Segmenter.PredictMasks(images, gate, options);

        using var results = session.Run([Input(session, images)]);
        var byName = results.ToDictionary(result => result.Name);

        // Features that died would make any two networks equal.
        Assert.True(pixels.std().ToDouble() > 1e-3, FormattableString.Invariant($"Probabilities hardly differ: {pixels.std().ToDouble():g3}."));
        AssertClose(probabilities, byName[OnnxExport.ProbabilityName]);
        AssertClose(pixels, byName[OnnxExport.PixelProbabilityName]);
        if (byName.TryGetValue(OnnxExport.UncertaintyName, out var uncertainty))
        {
            // The entropy of the graph's own probabilities; near 0 it magnifies how far these are from the library's, which is bound above.
            var own = tensor(byName[OnnxExport.PixelProbabilityName].AsTensor<float>().ToArray(), pixels.shape).to(ScalarType.Float64);
            AssertClose(own.mul(own.clamp_min(double.Epsilon).log()).sum(1).neg().div(Math.Log(pixels.shape[1])).to(ScalarType.Float32), uncertainty);

            // Against the library: in units of its range from 0 to 1, as a network that is sure everywhere leaves nothing to divide by.
            var values = tensor(uncertainty.AsTensor<float>().ToArray(), masks.shape);
            var apart = segmenter.Segmenter.PredictUncertainty(images, gate, options).sub(values).square().mean().sqrt().ToDouble();
            Assert.True(apart < 1e-4, FormattableString.Invariant($"uncertainty differs by {apart:g3}."));
        }

        var actual = tensor(byName[OnnxExport.MaskName].AsTensor<byte>().ToArray(), masks.shape);
        return actual.ne(masks).sum().ToInt64();
    }

    private static NamedOnnxValue Input(InferenceSession session, Tensor images)
    {
        int[] sizes = [.. images.shape.Select(size => (int)size)];
        return session.InputMetadata[OnnxExport.ImageName].ElementType == typeof(byte)
            ? NamedOnnxValue.CreateFromTensor(OnnxExport.ImageName, new DenseTensor<byte>(images.data<byte>().ToArray(), sizes))
            : NamedOnnxValue.CreateFromTensor(OnnxExport.ImageName, new DenseTensor<float>(images.to(ScalarType.Float32).data<float>().ToArray(), sizes));
    }

    private static void AssertClose(Tensor expected, NamedOnnxValue value)
    {
        var result = value.AsTensor<float>();
        Assert.Equal(expected.shape, result.Dimensions.ToArray().Select(size => (long)size));
        var actual = tensor(result.ToArray(), expected.shape);
        var distance = actual.sub(expected).norm().ToDouble() / Math.Max(expected.norm().ToDouble(), 1e-6);
        Assert.True(distance < 1e-4, FormattableString.Invariant($"{value.Name} differs by {distance:g3}."));
    }
}
