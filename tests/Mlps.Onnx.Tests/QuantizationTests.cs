using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Onnx.Export.Quantization;
using Mlps.Testing;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;
using Tensor = TorchSharp.torch.Tensor;

namespace Mlps.Onnx.Tests;

/// <summary>Graphs whose convolutions compute in 8 bits.</summary>
public sealed class QuantizationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    static QuantizationTests() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));

    public static TheoryData<ClassifierEncoder, BackboneKind> Encoders => new()
    {
        { ClassifierEncoder.ResNet38, BackboneKind.Compact },
        { ClassifierEncoder.ResNet18, BackboneKind.ResNet18 },
        { ClassifierEncoder.ResNet18, BackboneKind.ResNet },
        { ClassifierEncoder.ResNet18, BackboneKind.Drn },
        { ClassifierEncoder.ResNet18, BackboneKind.MobileNet },
        { ClassifierEncoder.ResNet18, BackboneKind.Xception },
    };

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Int8_OfEveryEncoder_ComputesInBytesAndPredictsNearlyTheSame(ClassifierEncoder encoder, BackboneKind backbone)
    {
        // Without a gate, which leaves nothing but 0 and 1 where it closes all tissues but one.
        using var model = new SmallModel(encoder, backbone, segmentation: new() { Gate = GateMode.None });
        using var table = Patches(model.Context, 6);
        var full = Export(model, "full.onnx", calibration: null);
        var bytes = Export(model, "int8.onnx", table.View);

        AssertCalibrationSeesWhatOnnxRuntimeComputes(full, table);

        // All weights of convolutions in bytes, and ONNX Runtime computes with them: only logits are left to convolutions in 32 bits.
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(bytes)).Graph;
        var convolutions = graph.Node.Where(node => node.OpType == "Conv").ToArray();
        var types = graph.Initializer.ToDictionary(constant => $"{constant.Name}", constant => (DataType)constant.DataType);
        Assert.All(convolutions, node => Assert.Equal(DataType.Int8, types[node.Input[1].Replace("_restored", "_rounded", StringComparison.Ordinal)]));
        Assert.True(new FileInfo(bytes).Length < 0.5 * new FileInfo(full).Length);
        var optimized = Optimized(bytes);
        Assert.Equal(convolutions.Length - 2, optimized.Count(node => node.OpType == "QLinearConv"));

        var images = SmallTissue.Images(4, 96, 72);
        var (expected, actual) = (Run(full, images), Run(bytes, images));
        // Of probabilities and not of masks: a network that has hardly learnt is near ties at many pixels.
        var apart = expected.Probability.Zip(actual.Probability).Average(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(apart < 0.15f, FormattableString.Invariant($"Probabilities are {apart:g3} apart."));
    }

    [Fact]
    public void Segmenter_OfAnInt8File_PredictsImagesOfAnySize()
    {
        var model = SmallModel.Shared;
        using var table = new ImageTable(model.Context, (64, 64), (77, 91), (150, 130));
        using var full = OnnxSegmenter.Load(Export(model, "full.onnx", calibration: null));
        using var bytes = OnnxSegmenter.Load(Export(model, "int8.onnx", table.View));

        foreach (var image in table.Images)
        {
            var pairs = full.Predict(image).Mask.ToArray().Zip(bytes.Predict(image).Mask.ToArray()).ToArray();
            Assert.True(pairs.Count(pair => pair.First == pair.Second) > 0.8 * pairs.Length);
        }
    }

    [Fact]
    public void Metadata_TellsThePrecision()
    {
        var model = SmallModel.Shared;
        using var table = Patches(model.Context, 1);

        string Precision(string path) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).MetadataProps.Single(property => property.Key == "mlps.precision").Value;

        Assert.Equal(("Full", "Int8"), (Precision(Export(model, "full.onnx", calibration: null)), Precision(Export(model, "int8.onnx", table.View))));
    }

    [Fact]
    public void Calibration_OfManyImages_UsesSomeOfAllRows()
    {
        var seen = Enumerable.Range(0, 130).Select(shade => MLImage.CreateFromPixels(2, 2, MLPixelFormat.Rgba32, [.. Enumerable.Repeat<byte[]>([(byte)shade, (byte)shade, (byte)shade, 255], 4).SelectMany(pixel => pixel)])).ToArray();
        var table = SmallModel.Shared.Context.Data.LoadFromEnumerable(seen.Select(image => new ImageTable.Row { Image = image }));
        var graph = new GraphProto { Input = { new ValueInfoProto { Name = OnnxExport.ImageName } } };

        var range = Calibration.Measure(graph, new HashSet<string> { OnnxExport.ImageName }, table, (64, 64))[OnnxExport.ImageName];

        // The last of 64 rows that are two or three apart.
        Assert.Equal(new ValueRange(0, 127), range);
        Array.ForEach(seen, image => image.Dispose());
    }

    [Fact]
    public void Calibration_OfALargeImage_UsesItsMiddle()
    {
        // White around a dark middle of 8x8 pixels.
        var pixels = new byte[4 * 32 * 32];
        for (var i = 0; i < 32 * 32; i++)
        {
            pixels.AsSpan(4 * i, 4).Fill(i / 32 is >= 12 and < 20 && i % 32 is >= 12 and < 20 ? (byte)9 : (byte)255);
            pixels[(4 * i) + 3] = 255;
        }

        using var image = MLImage.CreateFromPixels(32, 32, MLPixelFormat.Rgba32, pixels);
        var graph = new GraphProto { Input = { new ValueInfoProto { Name = OnnxExport.ImageName } } };

        var range = Calibration.Measure(graph, new HashSet<string> { OnnxExport.ImageName }, SmallModel.Shared.Context.Data.LoadFromEnumerable([new ImageTable.Row { Image = image }]), (8, 8))[OnnxExport.ImageName];

        Assert.Equal(new ValueRange(0, 9), range);
    }

    [Fact]
    public void Calibration_WithoutImages_SaysWhatToGive()
    {
        var ml = SmallModel.Shared.Context;

        Assert.Equal(
            "There is no image to calibrate with; give patches of the kind that the model was trained on.",
            Assert.Throws<TissueDataException>(() => Export(SmallModel.Shared, "int8.onnx", ml.Data.LoadFromEnumerable<ImageTable.Row>([]))).Message);
        Assert.Equal(
            "The table of CalibrationImages has no column 'Image' of images; TissueDataset.LoadImages makes such a table of a folder.",
            Assert.Throws<ArgumentException>(() => Export(SmallModel.Shared, "int8.onnx", ml.Data.LoadFromEnumerable([new { Image = "patch.png" }]))).Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Calibration_OfADamagedModel_SaysSo()
    {
        using var model = new SmallModel(steps: 0);
        model.Classifier.Classifier.Network.parameters().First().detach().fill_(double.PositiveInfinity);
        model.Classifier.Classifier.Fold();
        using var table = Patches(model.Context, 1);

        var error = Assert.Throws<InvalidOperationException>(() => Export(model, "int8.onnx", table.View));

        Assert.Contains("is not finite on a calibration image", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 4, 5 / 255.0, 51)]
    [InlineData(0, 0, 1e-6 / 255, 0)]
    [InlineData(-2, 0, 2 / 255.0, 255)]
    public void Range_HoldsZeroExactly(float lowest, float highest, double scale, int zero)
    {
        var range = default(ValueRange).Including(lowest, highest);

        Assert.Equal((float)scale, range.Scale, 1e-9f);
        Assert.Equal(zero, range.ZeroPoint);
    }

    private static ImageTable Patches(MLContext ml, int count) => new(ml, [.. Enumerable.Range(0, count).Select(index => (SmallModel.Patch, SmallModel.Patch + index))]);

    private static void AssertCalibrationSeesWhatOnnxRuntimeComputes(string path, ImageTable table)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var names = new FeatureMaps(model.Graph).Names;
        var ranges = Calibration.Measure(model.Graph, names, table.View, (SmallModel.Patch, SmallModel.Patch));
        Assert.Equal(names.Order(), ranges.Keys.Order());

        model.Graph.Output.Add(names.Select(name => new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)DataType.Float } } }));
        using var session = new InferenceSession(model.ToByteArray(), new SessionOptions { IntraOpNumThreads = 1 });
        var found = names.ToDictionary(name => name, _ => default(ValueRange));
        foreach (var pixels in table.Pixels)
        {
            // As wide as a patch, like what calibration sees of it.
            var width = pixels.Length / 3 / SmallModel.Patch;
            var image = tensor(pixels, [1, SmallModel.Patch, width, 3]).narrow(2, (width - SmallModel.Patch) / 2, SmallModel.Patch).permute(0, 3, 1, 2).contiguous();
            using var input = OrtValue.CreateTensorValueFromMemory(image.to(ScalarType.Float32).data<float>().ToArray(), image.shape);
            using var run = new RunOptions();
            using var values = session.Run(run, [OnnxExport.ImageName], [input], [.. names]);
            foreach (var (name, value) in names.Zip(values))
            {
                var data = value.GetTensorDataAsSpan<float>().ToArray();
                found[name] = found[name].Including(data.Min(), data.Max());
            }
        }

        Assert.All(names, name =>
        {
            var largest = Math.Max(-found[name].Lowest, found[name].Highest);
            Assert.Equal(found[name].Lowest, ranges[name].Lowest, 1e-3f * largest);
            Assert.Equal(found[name].Highest, ranges[name].Highest, 1e-3f * largest);
        });
    }

    /// <summary>The nodes that ONNX Runtime makes of a file.</summary>
    private NodeProto[] Optimized(string path)
    {
        var optimized = _folder.Combine("optimized.onnx");
        using var settings = new SessionOptions { IntraOpNumThreads = 1, OptimizedModelFilePath = optimized, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED };
        using var session = new InferenceSession(path, settings);
        return [.. ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node];
    }

    private static (byte[] Mask, float[] Probability) Run(string path, Tensor images)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(path, settings);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.to(ScalarType.Float32).data<float>().ToArray(), images.shape);
        using var values = session.Run(run, [OnnxExport.ImageName], [input], [OnnxExport.MaskName, OnnxExport.PixelProbabilityName]);
        return (values[0].GetTensorDataAsSpan<byte>().ToArray(), values[1].GetTensorDataAsSpan<float>().ToArray());
    }

    private string Export(SmallModel model, string name, IDataView? calibration)
    {
        var path = _folder.Combine(name);
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, path, new() { Dynamic = true, CalibrationImages = calibration });
        return path;
    }
}
