using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mlps.Torch.Tests.Networks;

/// <summary>The network with ML.NET's weights, against OnnxRuntime on the same images.</summary>
public sealed class ResNet18FeatureTests : IDisposable
{
    private const int Side = 224;
    private const int Channels = 512;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Features_AtTheFilesPlaces_AreThoseOfOnnxRuntime()
    {
        using var network = new ResNet18(classCount: 2);
        var report = network.LoadWeights(PretrainedWeights.ResNet18, new WeightLoadOptions { Exclude = ["fc"] });
        network.eval();
        using var noGrad = no_grad();
        var images = TwoTissues.RandomImages(2, Side, Side).to(ScalarType.Float32).div(255);
        var input = Normalization.BlueGreenRed.Apply(images);

        // The network of the file has all its strides: of the dense features, it computes every fourth.
        var dense = network.Features(input);
        var actual = dense.slice(2, 0, Side, 4).slice(3, 0, Side, 4).mean([2, 3]);

        var expected = FromOnnxRuntime(input);
        Assert.Equal(110, report.Matched.Count);
        Assert.Equal([2, Channels, Side / 8, Side / 8], dense.shape);
        Assert.True(expected.std().ToDouble() > 0.1);
        RelativeDistance.AssertBelow(1e-4, expected, actual);
    }

    private static Tensor FromOnnxRuntime(Tensor input)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(PretrainedWeights.ResNet18, options);
        var name = session.InputMetadata.Keys.Single();
        var features = new List<float>();
        for (var image = 0; image < input.shape[0]; image++)
        {
            var pixels = new DenseTensor<float>(input[image].contiguous().data<float>().ToArray(), [1, 3, Side, Side]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor(name, pixels)]);
            features.AddRange(results.Single().AsEnumerable<float>());
        }

        return tensor(features.ToArray(), [input.shape[0], Channels]);
    }
}
