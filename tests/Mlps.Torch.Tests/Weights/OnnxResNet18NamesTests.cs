using Google.Protobuf;
using Mlps.Torch.Weights;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

/// <summary>A ResNet of basic blocks [2, 2, 2, 3] is recognised by its graph, whatever its tensors are called.</summary>
public sealed class OnnxResNet18NamesTests
{
    private const int Channels = 2;

    [Fact]
    public void Tensors_OfTheTestsOwnList_AreThePublishedLayers()
    {
        string[] names = [.. OnnxResNetBytes.Tensors(64).Select(tensor => tensor.Name)];

        Assert.Equal(110, names.Length);
        Assert.Equal(["conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "layer1.0.conv1.weight"], names[..6]);
        Assert.Equal(["layer2.0.downsample.0.weight", "layer2.0.downsample.1.weight"], names[25..27]);
        Assert.Equal("layer4.2.bn2.running_var", names[^1]);
    }

    [Fact]
    public void LoadWeights_NamesThatSayNothing_AreThoseOfTheGraph()
    {
        using var scope = NewDisposeScope();
        using nn.Module network = NamedModule.Of(OnnxResNetBytes.Tensors(Channels));
        using var file = Read(OnnxResNetBytes.Create(Channels));

        var report = network.LoadWeights(file);

        Assert.True(report.IsComplete, report.ToString());
        Assert.Equal("ResNet-18", report.Group);
        var state = network.state_dict();
        Assert.Equal(110, report.Matched.Count);
        Assert.All(report.Matched, name => Assert.Equal(ProceduralWeights.Values(name, state[name].shape), state[name].detach().data<float>().ToArray()));
        Assert.Equal("109 [16] Float32", file.Entries[0].ToString());
    }

    [Fact]
    public void LoadWeights_TorchvisionsOwnNames_AreTakenAsTheyAre()
    {
        var model = OnnxResNetBytes.Create(Channels);
        string[] names = [.. OnnxResNetBytes.Tensors(Channels).Select(tensor => tensor.Name)];
        foreach (var tensor in model.Graph.Initializer)
        {
            tensor.Name = names[int.Parse(tensor.Name, System.Globalization.CultureInfo.InvariantCulture)];
        }

        model.Graph.Node.Clear();
        using var scope = NewDisposeScope();
        using nn.Module network = NamedModule.Of(OnnxResNetBytes.Tensors(Channels));
        using var file = Read(model);

        Assert.True(network.LoadWeights(file).IsComplete);
        Assert.Single(file.Groups);
    }

    /// <summary>Changes to the graph after which it is another network.</summary>
    public static TheoryData<string> Changes => new("a layer less", "a bias", "another order", "no norm", "another shape", "a tensor missing", "inputs swapped");

    [Theory]
    [MemberData(nameof(Changes))]
    public void Open_GraphOfAnotherNetwork_KeepsItsOwnNames(string change)
    {
        var model = OnnxResNetBytes.Create(Channels);
        var graph = model.Graph;
        switch (change)
        {
            case "a layer less":
                graph.Node.RemoveAt(graph.Node.Count - 3);
                break;
            case "a bias":
                graph.Node[0].Input.Add("2");
                break;
            case "another order":
                (graph.Node[15], graph.Node[18]) = (graph.Node[18].Clone(), graph.Node[15].Clone());
                break;
            case "no norm":
                graph.Node[1].OpType = "InstanceNormalization";
                break;
            case "another shape":
                graph.Initializer.Single(tensor => tensor.Name == "7").Dims[0] = 1;
                graph.Initializer.Single(tensor => tensor.Name == "7").RawData = ByteString.CopyFrom(new byte[4]);
                break;
            case "a tensor missing":
                graph.Initializer.Remove(graph.Initializer.Single(tensor => tensor.Name == "50"));
                break;
            default:
                (graph.Node[0].Input[0], graph.Node[0].Input[1]) = (graph.Node[0].Input[1], graph.Node[0].Input[0]);
                break;
        }

        using var file = Read(model);

        Assert.Single(file.Groups);
        Assert.Contains(file.Entries, entry => entry.Name == "0");
    }

    private static WeightFile Read(ModelProto model) => WeightFile.Read(new MemoryStream(model.ToByteArray()), "resnet.onnx");

    /// <summary>A module with tensors of given names and shapes, nested as the names say.</summary>
    private sealed class NamedModule() : nn.Module<Tensor, Tensor>(nameof(NamedModule))
    {
        public static NamedModule Of(IEnumerable<(string Name, long[] Shape)> tensors)
        {
            var module = new NamedModule();
            foreach (var group in tensors.GroupBy(tensor => tensor.Name.Split('.')[0]))
            {
                if (group.First().Name == group.Key)
                {
                    module.register_buffer(group.Key, zeros(group.First().Shape));
                }
                else
                {
                    module.register_module(group.Key, Of(group.Select(tensor => (tensor.Name[(group.Key.Length + 1)..], tensor.Shape))));
                }
            }

            return module;
        }

        public override Tensor forward(Tensor input) => throw new NotSupportedException();
    }
}
