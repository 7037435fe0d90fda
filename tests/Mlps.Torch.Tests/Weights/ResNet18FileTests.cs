using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Formats;
using Mlps.Torch.Weights.Onnx;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>The file of the package that the tests reference, as ML.NET distributes it.</summary>
public sealed class ResNet18FileTests
{
    private const int Pixels = 224;

    [Fact]
    public void File_LiesBesideTheApplication()
    {
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"), PretrainedWeights.ResNet18);
        Assert.Equal(PretrainedWeights.ResNet18, PretrainedWeights.FindResNet18());
    }

    [Fact]
    public void Tensors_ByTheirNewNames_AreThoseOfTheNetwork()
    {
        using var file = WeightFile.Open(PretrainedWeights.ResNet18);

        var renamed = file.Groups.Single(group => group.Name == "ResNet-18");

        Assert.Equal(
            OnnxResNetBytes.Tensors(64).Select(tensor => $"{tensor.Name} {ElementTypes.FormatShape(tensor.Shape)} Float32"),
            renamed.Tensors.Select(tensor => tensor.Entry.ToString()));
        Assert.Equal(15_900_000, renamed.Tensors.Where(tensor => !tensor.Entry.Name.Contains("running", StringComparison.Ordinal)).Sum(tensor => tensor.Entry.ElementCount), 50_000.0);
    }

    [Fact]
    public void Values_OfTensorsOfEveryKind_AreThoseOfOnnxRuntime()
    {
        using var file = WeightFile.Open(PretrainedWeights.ResNet18);
        string[] names = [.. file.Entries.Where((_, i) => i % 9 == 0 || i == file.Entries.Count - 1).Select(entry => entry.Name)];

        var expected = OnnxRuntimeValues(names);

        Assert.True(names.Length > 10);
        Assert.All(names, name => Assert.Equal(expected[name], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.LoadBytes(name)).ToArray()));
    }

    [Fact]
    public void Means_AreThoseOfThePackagesMeanImage()
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(PretrainedWeights.ResNet18))!, "ResNetPrepOnnx", "ResNetPreprocess.onnx");
        using var file = WeightFile.Open(path);
        var image = file.Entries.Single(entry => entry.ElementCount == 3L * Pixels * Pixels);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.LoadBytes(image.Name)).ToArray();

        Assert.Equal(3, PretrainedWeights.ResNet18Means.Count);
        Assert.All(PretrainedWeights.ResNet18Means.Index(), mean => Assert.Equal(mean.Item, values.Skip(mean.Index * Pixels * Pixels).Take(Pixels * Pixels).Average(value => (double)value), 0.005));
    }

    /// <summary>What OnnxRuntime reads of initializers. A protocol buffer behind another one adds to its lists: here, to the outputs of the graph.</summary>
    private static Dictionary<string, float[]> OnnxRuntimeValues(string[] names)
    {
        var outputs = new ModelProto { Graph = new GraphProto() };
        outputs.Graph.Output.AddRange(names.Select(name => new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
        }));
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession([.. File.ReadAllBytes(PretrainedWeights.ResNet18), .. outputs.ToByteArray()], options);
        NamedOnnxValue[] inputs = [.. session.InputMetadata.Select(input => NamedOnnxValue.CreateFromTensor(input.Key, new DenseTensor<float>([1, 3, Pixels, Pixels])))];
        using var results = session.Run(inputs, names);
        return results.ToDictionary(result => result.Name, result => result.AsEnumerable<float>().ToArray());
    }
}
