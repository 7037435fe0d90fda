using Google.Protobuf;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch.Weights.Onnx;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>Files that the scorer cannot use are refused in one clear line that names the file.</summary>
public sealed class ReaderFaultTests : IDisposable
{
    private static readonly Lazy<byte[]> _good = new(Export);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Needed =>
    [
        "mlps.classes", "mlps.patch_size", "mlps.recipe", "mlps.model_gate", "mlps.gate_threshold", "mlps.gate_overlap", "mlps.gate_patch_size", "mlps.presence_thresholds", "mlps.prediction", "mlps.views",
        "mlps.uncertainty", "mlps.weights_sha256",
    ];

    public static TheoryData<string, string> Wrong => new()
    {
        { "mlps.format", "one" },
        { "mlps.format", "0" },
        { "mlps.classes", "tumor" },
        { "mlps.classes", """{"classes": []}""" },
        { "mlps.classes", """{"classes": [{"name": "tumor"}]}""" },
        { "mlps.classes", """{"classes": [{"name": "tumor", "color": "red"}]}""" },
        { "mlps.patch_size", "64" },
        { "mlps.patch_size", "0x64" },
        { "mlps.patch_size", "64x100000" },
        { "mlps.gate_patch_size", "-1x64" },
        { "mlps.recipe", "default" },
        { "mlps.model_gate", "3" },
        { "mlps.gate_threshold", "NaN" },
        { "mlps.gate_threshold", "1.5" },
        { "mlps.gate_overlap", "yes" },
        { "mlps.presence_thresholds", "[0.5]" },
        { "mlps.presence_thresholds", "[0.5, 0.5, 0.5, 1]" },
        { "mlps.presence_thresholds", "[0.5, 0.5, 0.5, true]" },
        { "mlps.presence_thresholds", "0.5" },
        { "mlps.prediction", "" },
        { "mlps.views", "3" },
        { "mlps.views", "9999999999" },
        { "mlps.blending", "hann" },
        { "mlps.uncertainty", "entropy\nof pixels" },
        { "mlps.microns_per_pixel", "0" },
        { "mlps.background_grey", "300" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_OfTheFileAsItIs_Succeeds()
    {
        using var segmenter = OnnxSegmenter.Load(Changed(_ => { }));

        Assert.Equal(4, segmenter.Tissues.Count);
        Assert.Equal(OnnxBlending.Hann, segmenter.Blending);
    }

    [Fact]
    public void Load_Blending_IsWhatTheFileSays_OrUniformInFilesOfEarlierReleases()
    {
        using var uniform = OnnxSegmenter.Load(Changed(model => Blending(model).Value = "Uniform"));
        using var earlier = OnnxSegmenter.Load(Changed(model => model.MetadataProps.Remove(Blending(model))));

        Assert.Equal((OnnxBlending.Uniform, OnnxBlending.Uniform), (uniform.Blending, earlier.Blending));

        static StringStringEntryProto Blending(ModelProto model) => model.MetadataProps.Single(property => property.Key == "mlps.blending");
    }

    [Fact]
    public void Load_OfAnotherModel_SaysSo() =>
        Assert.Equal("it has no property 'mlps.format', so it is another model's; write one with 'mlps export --format onnx' or ExportOnnx.", Refused(Changed(model => model.MetadataProps.Clear())));

    [Fact]
    public void Load_OfANewerFormat_SaysToUpdate() => Assert.Equal("it is of format 2, and this release reads 1; update Mlps.Onnx.", Refused(Changed(model => Property(model, "mlps.format").Value = "2")));

    [Theory]
    [MemberData(nameof(Needed))]
    public void Load_WithoutAProperty_NamesIt(string name) =>
        Assert.Equal($"it has no property '{name}'; export the model again with this release.", Refused(Changed(model => model.MetadataProps.Remove(Property(model, name)))));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Load_WithAPropertyThatCannotBe_NamesItAndWhatIsExpected(string name, string value)
    {
        var error = Refused(Changed(model =>
        {
            foreach (var property in model.MetadataProps.Where(property => property.Key == name).ToArray())
            {
                model.MetadataProps.Remove(property);
            }

            model.MetadataProps.Add(new StringStringEntryProto { Key = name, Value = value });
        }));

        Assert.StartsWith($"its property '{name}' is '{value.ReplaceLineEndings(" ")}'; expected ", error, StringComparison.Ordinal);
    }

    /// <summary>The last of two counted, in silence.</summary>
    [Fact]
    public void Load_WithAPropertyTwice_NamesIt() =>
        Assert.StartsWith(
            "its property 'mlps.views' is there twice",
            Refused(Changed(model => model.MetadataProps.Add(new StringStringEntryProto { Key = "mlps.views", Value = "8" }))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Load_OfAFileThatIsCutShort_SaysSo(int eighths)
    {
        var error = Refused(_good.Value[..(_good.Value.Length * eighths / 8)]);

        Assert.StartsWith("it is no ONNX model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfText_SaysSo() => Assert.StartsWith("it is no ONNX model", Refused("PK, and then some text of another kind"u8.ToArray()), StringComparison.Ordinal);

    [Fact]
    public void Load_OfWeightsThatChanged_SaysSo()
    {
        var error = Refused(Changed(model =>
        {
            var weights = model.Graph.Initializer.MaxBy(constant => constant.RawData.Length)!;
            var bytes = weights.RawData.ToByteArray();
            bytes[bytes.Length / 2] ^= 1;
            weights.RawData = ByteString.CopyFrom(bytes);
        }));

        Assert.Equal("its weights are not those that were written: it is damaged, or another program changed it.", error);
    }

    [Theory]
    [InlineData("logits")]
    [InlineData("presence_logits")]
    public void Load_WithoutAValueInTheGraph_NamesIt(string value)
    {
        var error = Refused(Changed(model =>
        {
            foreach (var node in model.Graph.Node.Where(node => node.Output.Contains(value)))
            {
                node.Output[0] = "renamed";
            }
        }));

        Assert.StartsWith($"its graph computes no '{value}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfImagesOfAnotherKind_SaysSo() =>
        Assert.Equal("its graph has no input 'image' of floats or bytes.", Refused(Changed(model => model.Graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Double)));

    [Fact]
    public void Load_OfAGraphThatCannotRun_SaysSo() =>
        Assert.StartsWith("ONNX Runtime does not take its graph (", Refused(Changed(model => model.Graph.Node.First(node => node.OpType == "Conv").OpType = "Convolve")), StringComparison.Ordinal);

    /// <summary>Fewer classes in the properties than in the graph.</summary>
    [Fact]
    public void Load_OfOtherClassesThanTheGraphHas_SaysSo()
    {
        var error = Refused(Changed(model =>
        {
            Property(model, "mlps.classes").Value = """{"classes": [{"name": "tumor", "color": "#000000"}, {"name": "stroma", "color": "#0000FF"}]}""";
            Property(model, "mlps.presence_thresholds").Value = "[0.5, 0.5]";
        }));

        Assert.Equal("its property 'mlps.classes' has 2 classes, and its graph has 4.", error);
    }

    [Fact]
    public void Load_OfAFileThatIsMissing_NamesIt() => Assert.Contains(_folder.Combine("none.onnx"), Assert.Throws<FileNotFoundException>(() => OnnxSegmenter.Load(_folder.Combine("none.onnx"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(3, 0.1, 0)]
    [InlineData(1, 1.5, 0)]
    [InlineData(1, 0.1, -1)]
    public void Load_WithOptionsOutsideTheirRange_IsRefused(int views, double threshold, int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxSegmenter.Load(_good.Value, new() { Views = views, GateThreshold = threshold, Threads = threads }));

    [Fact]
    public void Estimator_OfAnotherFile_IsRefusedBeforeFit()
    {
        var path = _folder.Combine("other.onnx");
        File.WriteAllBytes(path, Changed(model => model.MetadataProps.Clear()));

        var error = Assert.Throws<InvalidDataException>(() => new MLContext().OnnxSegmenter(path));

        Assert.StartsWith($"'{path}' cannot be used: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Estimator_WithTheNameOfAnotherOutput_IsRefused()
    {
        var path = _folder.Combine("model.onnx");
        File.WriteAllBytes(path, _good.Value);

        var error = Assert.Throws<ArgumentException>(() => new MLContext().OnnxSegmenter(path, OnnxSegmenterTransformer.ProbabilityColumnName));

        Assert.StartsWith("Probability is the name of another output", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelLoad_OfADamagedFile_NamesThePart()
    {
        var ml = new MLContext();
        using var table = new ImageTable(ml, (64, 64));
        File.WriteAllBytes(_folder.Combine("model.onnx"), _good.Value);
        using (var fitted = ml.OnnxSegmenter(_folder.Combine("model.onnx")).Fit(table.View))
        {
            ml.Model.Save(fitted, table.View.Schema, _folder.Combine("saved.zip"));
        }

        using (var zip = System.IO.Compression.ZipFile.Open(_folder.Combine("saved.zip"), System.IO.Compression.ZipArchiveMode.Update))
        {
            var entry = zip.Entries.Single(part => part.Name == "model.onnx");
            using var stream = entry.Open();
            stream.Position = stream.Length / 2;
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(value ^ 1));
        }

        var error = Assert.ThrowsAny<Exception>(() => ml.Model.Load(_folder.Combine("saved.zip"), out _)).GetBaseException();

        Assert.Contains("the checksum of 'model.onnx' is wrong", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Export()
    {
        using var folder = new TemporaryFolder();
        SmallModel.Shared.Context.TissueSegmentation.ExportOnnx(SmallModel.Shared.Chain, folder.Combine("model.onnx"));
        return File.ReadAllBytes(folder.Combine("model.onnx"));
    }

    private static byte[] Changed(Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(_good.Value);
        change(model);
        return model.ToByteArray();
    }

    private static StringStringEntryProto Property(ModelProto model, string name) => model.MetadataProps.Single(property => property.Key == name);

    /// <summary>What is said of a file, after its name.</summary>
    private string Refused(byte[] file)
    {
        var path = _folder.Combine("refused.onnx");
        File.WriteAllBytes(path, file);
        var error = Assert.Throws<InvalidDataException>(() => OnnxSegmenter.Load(path).Dispose());
        Assert.DoesNotContain('\n', error.Message);
        Assert.StartsWith($"'{path}' cannot be used: ", error.Message, StringComparison.Ordinal);
        return error.Message[$"'{path}' cannot be used: ".Length..];
    }
}
