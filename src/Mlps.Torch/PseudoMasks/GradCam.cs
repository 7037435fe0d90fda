using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

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
    /// <param name="layers">The L layers, in the order of the maps.</param>
    /// <param name="labels">[N, C], true for the classes to compute maps for; the maps of others are 0. Null for all.</param>
    /// <param name="byCount">Whether images are computed in groups with as many classes each, so that no backward pass is spent on an image that needs none; null for yes, but on CPUs.</param>
    /// <remarks>On a CPU a convolution's last bits depend on the images of its batch, and maps keep theirs.</remarks>
    public static (Tensor Maps, Tensor Logits) Compute(ClassifierNetwork network, Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor? labels = null, bool? byCount = null)
    {
        var (maps, logits, classMaps) = ComputeWithClassMaps(network, images, layers, labels, byCount);
        classMaps.Dispose();
        return (maps, logits);
    }

    /// <summary>The same, and the deepest layer's maps [N, C, h, w] of all classes, labels or not.</summary>
    public static (Tensor Maps, Tensor Logits, Tensor ClassMaps) ComputeWithClassMaps(ClassifierNetwork network, Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor? labels, bool? byCount = null)
    {
        using var state = ComputeScope.ForGradients();
        var present = PresentClasses.Read(labels, images.shape[0], network.ClassCount);
        var needsGradients = layers.Any(layer => layer != network.LayersByDepth[^1]);
        var groups = needsGradients && (byCount ?? images.device_type is not DeviceType.CPU) ? present.ByCount() : [present];
        var parts = groups.Select(group => Compute(network, group.TakeFrom(images), layers, group)).ToArray();
        return (Whole(part => part.Maps), Whole(part => part.Logits), Whole(part => part.ClassMaps));

        Tensor Whole(Func<(Tensor Maps, Tensor Logits, Tensor ClassMaps), Tensor> choose) => state.Return(PresentClasses.InOrder(groups, [.. parts.Select(choose)]));
    }

    /// <summary>The same for images that need as many backward passes each.</summary>
    private static (Tensor Maps, Tensor Logits, Tensor ClassMaps) Compute(ClassifierNetwork network, Tensor images, IReadOnlyList<ActivationLayer> layers, PresentClasses present)
    {
        using var scope = NewDisposeScope();
        var deepest = network.LayersByDepth[^1];
        var wanted = layers.Where(layer => layer != deepest).Distinct().Order().ToArray();
        var outputs = Forward(network, images, wanted);
        var last = outputs[deepest];
        var logits = network.Pooled(last);
        var maps = wanted.Length == 0 ? [] : Backward(logits, [.. wanted.Select(layer => outputs[layer])], present);
        var byLayer = wanted.Zip(maps).ToDictionary(pair => pair.First, pair => pair.Second);

        using var noGrad = no_grad();
        var classMaps = ClassMaps(network, last);
        byLayer[deepest] = classMaps.mul(present.Mask(logits.device).unsqueeze(-1).unsqueeze(-1));
        return (stack(layers.Select(layer => byLayer[layer]), dim: 1).MoveToOuterDisposeScope(), logits.detach().MoveToOuterDisposeScope(), classMaps.MoveToOuterDisposeScope());
    }

    /// <summary>The outputs of the given layers and of the deepest one; the graph begins at the shallowest given layer.</summary>
    private static Dictionary<ActivationLayer, Tensor> Forward(ClassifierNetwork network, Tensor images, ActivationLayer[] wanted)
    {
        var outputs = new Dictionary<ActivationLayer, Tensor>();
        var features = images;
        foreach (var layer in network.LayersByDepth)
        {
            if (outputs.Count > 0)
            {
                features = network.RunTo(layer, features);
            }
            else
            {
                using var noGrad = no_grad();
                features = network.RunTo(layer, features);
            }

            if (wanted.Contains(layer))
            {
                features = outputs.Count > 0 ? features : (network.UsesChannelsLast(features) ? features.detach() : features.detach().contiguous()).requires_grad_(true);
                outputs[layer] = features;
            }
        }

        outputs[network.LayersByDepth[^1]] = features;
        return outputs;
    }

    private static Tensor ClassMaps(ClassifierNetwork network, Tensor last)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var positions = last.shape[2] * last.shape[3];
        return network.Head.forward(last.detach()).div(positions).MoveToOuterDisposeScope();
    }

    /// <summary>Maps [N, C, h, w] for each of the activations.</summary>
    /// <remarks>A backward pass serves one class of each image.</remarks>
    private static Tensor[] Backward(Tensor logits, Tensor[] activations, PresentClasses present)
    {
        var maps = activations.Select(activation => zeros([activation.shape[0], logits.shape[1], activation.shape[2], activation.shape[3]], dtype: activation.dtype, device: activation.device)).ToArray();
        for (var pass = 0; pass < present.Passes; pass++)
        {
            var (classes, counted) = present.OfPass(pass, logits.device);
            var gradients = Gradients(logits.gather(1, classes).mul(counted).sum(), activations, keepGraph: pass < present.Passes - 1);
            using var noGrad = no_grad();
            for (var layer = 0; layer < activations.Length; layer++)
            {
                using var gradient = gradients[layer];
                using var map = WeightedSum(activations[layer], gradient).unsqueeze(1);
                maps[layer].scatter_add_(1, classes.view(-1, 1, 1, 1).expand_as(map), map);
            }
        }

        return maps;
    }

    /// <summary>∂value/∂A for each of the activations A.</summary>
    /// <remarks>TorchSharp's <c>autograd.grad</c> ends the process where libtorch throws, as it does when memory runs out. Its <c>backward</c> throws.</remarks>
    internal static Tensor[] Gradients(Tensor value, Tensor[] activations, bool keepGraph)
    {
        BackwardFailure.OfThisThread.Forget();
        autograd.backward([value], retain_graph: keepGraph, inputs: activations);
        BackwardFailure.OfThisThread.Throw();
        var gradients = new Tensor[activations.Length];
        for (var layer = 0; layer < activations.Length; layer++)
        {
            gradients[layer] = activations[layer].grad!;
            activations[layer].grad = null;
        }

        return gradients;
    }

    /// <summary>Σ_k mean(∂logit/∂A_k)·A_k, [N, h, w].</summary>
    private static Tensor WeightedSum(Tensor activation, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var weights = gradient.mean([2, 3]).unsqueeze(1);
        return weights.bmm(activation.detach().flatten(2)).view(activation.shape[0], activation.shape[2], activation.shape[3]).MoveToOuterDisposeScope();
    }
}
