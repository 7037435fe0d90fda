using Mlps.Torch.Networks;
using static TorchSharp.torch;

namespace Mlps.Torch.Attention;

/// <summary>Grad-CAM of the classifier's logits at several layers, for all classes of a batch of images.</summary>
/// <remarks>
/// A map is Σ_k w_k·A_k with w_k the spatial mean of ∂logit/∂A_k (Selvaraju et al. 2017), without the final ReLU. One forward pass serves all
/// layers and classes, and the backward passes stop at the shallowest layer. The deepest layer needs none: its map is the head's
/// class map over h·w, because the logit is the spatial mean of that map. In evaluation mode images do not touch each other, so the
/// gradient of a sum over the batch is each image's own.
/// </remarks>
internal static class GradCam
{
    /// <summary>Activation maps [N, L, C, h, w] of images [N, 3, H, W] and logits [N, C]; the network must be in evaluation mode.</summary>
    /// <param name="network">The classifier.</param>
    /// <param name="images">[N, 3, H, W], normalised.</param>
    /// <param name="layers">The L layers, in the order wanted.</param>
    public static (Tensor Maps, Tensor Logits) Of(ResNet38 network, Tensor images, IReadOnlyList<ActivationLayer> layers)
    {
        using var scope = NewDisposeScope();
        var middle = Leaf(network, images);
        var deep = network.Deep(middle);
        var last = network.Last(deep);
        var logits = network.Pooled(last);

        Tensor[] inner = [middle, deep];
        var innerLayers = new[] { ActivationLayer.B4Block5, ActivationLayer.B5Block2 };
        var wanted = layers.Where(layer => layer is not ActivationLayer.Bn7).Distinct().ToArray();
        var activations = wanted.Select(layer => inner[Array.IndexOf(innerLayers, layer)]).ToArray();
        var maps = wanted.Length == 0 ? [] : Backward(logits, activations, network.ClassCount);
        var byLayer = wanted.Zip(maps).ToDictionary(pair => pair.First, pair => pair.Second);
        byLayer[ActivationLayer.Bn7] = ClassMaps(network, last);

        using var noGrad = no_grad();
        return (stack(layers.Select(layer => byLayer[layer]), dim: 1).MoveToOuterDisposeScope(), logits.detach().MoveToOuterDisposeScope());
    }

    /// <summary>The shallowest layer's activations, where the graph begins.</summary>
    private static Tensor Leaf(ResNet38 network, Tensor images)
    {
        using var noGrad = no_grad();
        return network.Middle(images).detach().requires_grad_(true);
    }

    private static Tensor ClassMaps(ResNet38 network, Tensor last)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var positions = last.shape[2] * last.shape[3];
        return network.Head.forward(last.detach()).div(positions).MoveToOuterDisposeScope();
    }

    /// <summary>Maps [N, C, h, w] for each of the activations.</summary>
    private static Tensor[] Backward(Tensor logits, Tensor[] activations, int classCount)
    {
        var maps = activations.Select(_ => new List<Tensor>(classCount)).ToArray();
        for (var c = 0; c < classCount; c++)
        {
            var gradients = autograd.grad([logits.select(1, c).sum()], activations, retain_graph: c < classCount - 1);
            using var noGrad = no_grad();
            for (var layer = 0; layer < activations.Length; layer++)
            {
                using var gradient = gradients[layer];
                maps[layer].Add(WeightedSum(activations[layer], gradient));
            }
        }

        return [.. maps.Select(perClass => stack(perClass, dim: 1))];
    }

    /// <summary>Σ_k mean(∂logit/∂A_k)·A_k, [N, h, w].</summary>
    private static Tensor WeightedSum(Tensor activation, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var weights = gradient.mean([2, 3]).unsqueeze(1);
        return weights.bmm(activation.detach().flatten(2)).view(activation.shape[0], activation.shape[2], activation.shape[3]).MoveToOuterDisposeScope();
    }
}
