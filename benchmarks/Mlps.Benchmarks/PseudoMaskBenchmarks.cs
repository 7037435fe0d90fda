using BenchmarkDotNet.Attributes;
using Mlps.Torch.Attention;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Benchmarks;

/// <summary>Question: what do activation maps of three layers and all classes cost, in forward passes?</summary>
[ShortRunJob]
public class PseudoMaskBenchmarks
{
    private ResNet38 _network = null!;
    private Tensor _images = null!;

    /// <summary>Channels of the classifier; 1 is the published network.</summary>
    [Params(0.125, 1)]
    public double Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        manual_seed(1);
        _network = new ResNet38(classCount: 4, Width);
        _network.eval();
        foreach (var parameter in _network.parameters())
        {
            parameter.requires_grad = false;
        }

        _images = rand(2, 3, 224, 224);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _images.Dispose();
        _network.Dispose();
    }

    [Benchmark(Baseline = true, Description = "one forward pass")]
    public void Forward()
    {
        using var mode = inference_mode();
        using var logits = _network.forward(_images);
    }

    [Benchmark(Description = "Grad-CAM, 3 layers, 4 classes")]
    public void ActivationMaps()
    {
        var (maps, logits) = GradCam.Of(_network, _images, ActivationLayers.Default);
        maps.Dispose();
        logits.Dispose();
    }
}
