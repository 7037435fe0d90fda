using Mlps.Benchmarks.Baselines;
using Mlps.Benchmarks.Setup;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>Training steps as anybody would write them: forward, loss, backward, SGD, every module by itself.</summary>
internal sealed class PublishedSteps : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly Func<Tensor, Tensor> _loss;
    private readonly SGD _optimizer;

    private PublishedSteps(nn.Module<Tensor, Tensor> network, Func<Tensor, Tensor> loss)
    {
        (_network, _loss) = (network, loss);
        _optimizer = optim.SGD(network.parameters().Where(parameter => parameter.requires_grad), NoiseTraining.LearningRate, momentum: 0.9, weight_decay: 5e-4);
    }

    /// <summary>Stage 1: front and BatchNorms frozen, as the published code trains from ImageNet weights.</summary>
    public static PublishedSteps OfClassifier(PlainResNet38 network, Tensor labels)
    {
        network.train();
        foreach (var parameter in network.Front.parameters())
        {
            parameter.requires_grad = false;
        }

        foreach (var norm in network.modules().OfType<BatchNorm2d>())
        {
            norm.eval();
            norm.weight!.requires_grad = false;
            norm.bias!.requires_grad = false;
        }

        return new PublishedSteps(network, logits => nn.functional.multilabel_soft_margin_loss(logits, labels));
    }

    /// <summary>Stage 2: three masks, weighed.</summary>
    public static PublishedSteps OfSegmenter(PlainDeepLab network, Tensor masks, double[] weights)
    {
        network.train();
        return new PublishedSteps(network, logits =>
        {
            var losses = weights.Select((weight, index) => nn.functional.cross_entropy(logits, masks.select(1, index)).mul(weight));
            return losses.Aggregate((sum, loss) => sum.add(loss));
        });
    }

    public double Step(Tensor images)
    {
        using var scope = NewDisposeScope();
        var loss = _loss(_network.forward(images));
        _optimizer.zero_grad();
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }
}
