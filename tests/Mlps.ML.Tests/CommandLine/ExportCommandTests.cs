using Mlps.ML.Tests.Chain;
using Mlps.Torch.Weights.Onnx;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary><c>export</c> in both formats.</summary>
[Collection(ChainTests.Name)]
public sealed class ExportCommandTests(TrainedChain chain) : IDisposable
{
    private readonly CommandLineFolder _folder = new(chain);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Export_AsOnnx_WritesOneGraphOfTheGivenSize()
    {
        var (exitCode, output) = _folder.Run("export", "--format", "onnx", "--model", "model.zip", "--output", "./sub/../tissue.onnx", "--size", "48x64", "--input", "bytes", "--uncertainty");

        Assert.True(exitCode == 0, output);
        Assert.Contains("Written: ./sub/../tissue.onnx", output, StringComparison.Ordinal);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.File("tissue.onnx"))).Graph;
        Assert.Equal([1, 3, 48, 64], graph.Input.Single().Type.TensorType.Shape.Dim.Select(size => size.DimValue));
        Assert.Equal(["probability", "pixel_probability", "mask", "uncertainty"], graph.Output.Select(value => value.Name));
    }

    [Fact]
    public void Export_AsOnnxForAnySize_NamesUnknownSizes()
    {
        var (exitCode, output) = _folder.Run("export", "--format", "onnx", "--model", "model.zip", "--output", "tissue.onnx", "--dynamic");

        Assert.True(exitCode == 0, output);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.File("tissue.onnx"))).Graph;
        Assert.Contains("gates an image as a whole, where the library and Mlps.Onnx gate it in windows", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(["N", "", "H", "W"], graph.Input.Single().Type.TensorType.Shape.Dim.Select(size => size.DimParam));
    }

    [Fact]
    public void Export_AsOnnxOfThePatchesSize_GatesAsTheLibraryDoes()
    {
        var (exitCode, output) = _folder.Run("export", "--format", "onnx", "--model", "model.zip", "--output", "tissue.onnx");

        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("gates an image as a whole", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Export_AsOnnxInEightBits_HasWeightsOfBytes()
    {
        _folder.Image("data/train/a-[1 0].png").Image("data/train/b-[0 1].png", number: 1);

        var (exitCode, output) = _folder.Run("export", "--format", "onnx", "--model", "model.zip", "--output", "tissue.onnx", "--int8", "--calibration", "data/train");

        Assert.True(exitCode == 0, output);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.File("tissue.onnx"))).Graph;
        Assert.Contains(graph.Initializer, constant => (TensorProto.Types.DataType)constant.DataType is TensorProto.Types.DataType.Int8);
    }

    [Theory]
    [InlineData("--int8 and --calibration go together", "--format", "onnx", "--int8")]
    [InlineData("--int8 and --calibration go together", "--format", "onnx", "--calibration", "data")]
    [InlineData("--int8 is for --format onnx", "--int8", "--calibration", "data")]
    [InlineData("missing", "--format", "onnx", "--int8", "--calibration", "missing")]
    [InlineData("--size is '224'", "--format", "onnx", "--size", "224")]
    [InlineData("--size is for --format onnx", "--size", "224x224")]
    [InlineData("Dynamic takes images of any size", "--format", "onnx", "--size", "64x64", "--dynamic")]
    [InlineData("cannot be written", "--format", "onnx", "--output", "missing/tissue.onnx")]
    public void Export_OptionsThatCannotBe_AreNamed(string message, params string[] options)
    {
        var (exitCode, output) = _folder.Run(["export", "--model", "model.zip", .. options]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_WithoutAFormat_WritesWeights()
    {
        var (exitCode, output) = _folder.Run("export", "--model", "model.zip");

        Assert.True(exitCode == 0, output);
        Assert.Contains("classifier.safetensors", _folder.FilesIn("weights"));
        Assert.Contains("segmenter.safetensors", _folder.FilesIn("weights"));
    }
}
