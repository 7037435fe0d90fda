using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>
/// Pseudo masks as the published code goes about them: a patch at a time; for each layer and each class a forward pass of its own, a backward pass through all of it, weights included, and the
/// weighted sum over the channels on the host.
/// </summary>
internal sealed class PublishedPseudoMasks(ResNet38 network)
{
    public Tensor PredictMasks(Tensor images, Tensor bytes, Tensor labels, IReadOnlyList<ActivationLayer> layers)
    {
        using var scope = NewDisposeScope();
        var masks = new List<Tensor>();
        for (var n = 0; n < images.shape[0]; n++)
        {
            var image = images.narrow(0, n, 1);
            var maps = stack(layers.Select(layer => stack(Enumerable.Range(0, network.ClassCount).Select(c => Map(image, layer, c)))));
            masks.Add(PseudoMaskGenerator.Generate(maps.unsqueeze(0), labels.narrow(0, n, 1), bytes.narrow(0, n, 1), new PseudoMaskRules { Recipe = Recipe.Reference }));
        }

        return cat(masks).MoveToOuterDisposeScope();
    }

    private Tensor Map(Tensor image, ActivationLayer target, int classIndex)
    {
        using var scope = NewDisposeScope();
        Tensor? activation = null;
        var features = image;
        foreach (var layer in ActivationLayers.ByDepth(ClassifierEncoder.ResNet38))
        {
            features = network.RunTo(layer, features);
            if (layer == target)
            {
                activation = features;
                activation.retain_grad();
            }
        }

        network.zero_grad();
        network.Pooled(features)[0, classIndex].backward();
        return WeightedSum(activation!, activation!.grad!).MoveToOuterDisposeScope();
    }

    private static Tensor WeightedSum(Tensor activation, Tensor gradient)
    {
        long channels = activation.shape[1], height = activation.shape[2], width = activation.shape[3];
        var values = activation.detach().cpu().contiguous().data<float>().ToArray();
        var weights = gradient.mean([2, 3]).cpu().contiguous().data<float>().ToArray();
        var sum = new float[height * width];
        for (var k = 0; k < channels; k++)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += weights[k] * values[(k * sum.Length) + i];
            }
        }

        return tensor(sum, [height, width]);
    }
}
