using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Benchmarks.Baselines;

/// <summary>
/// ResNet-38 as anybody would write it from the paper: module after module, planes side by side, nothing folded, nothing in place. What this library's network is measured against; it shares no code with it.
/// Wu et al. 2016.
/// </summary>
internal sealed class PlainResNet38 : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> front, body, head;

    public PlainResNet38(int classCount)
        : base(nameof(PlainResNet38))
    {
        front = Sequential(Conv2d(3, 64, kernel_size: 3, padding: 1, bias: false), PlainPreActivation.Create3x3(64, 128, 128, stride: 2), PlainPreActivation.Create3x3(128, 128, 128), PlainPreActivation.Create3x3(128, 128, 128));
        body = Sequential(
            PlainPreActivation.Create3x3(128, 256, 256, stride: 2), PlainPreActivation.Create3x3(256, 256, 256), PlainPreActivation.Create3x3(256, 256, 256),
            PlainPreActivation.Create3x3(256, 512, 512, stride: 2), PlainPreActivation.Create3x3(512, 512, 512), PlainPreActivation.Create3x3(512, 512, 512),
            PlainPreActivation.Create3x3(512, 512, 512), PlainPreActivation.Create3x3(512, 512, 512), PlainPreActivation.Create3x3(512, 512, 512),
            PlainPreActivation.Create3x3(512, 512, 1024, dilation: 2), PlainPreActivation.Create3x3(1024, 512, 1024, firstDilation: 2, dilation: 2), PlainPreActivation.Create3x3(1024, 512, 1024, firstDilation: 2, dilation: 2),
            PlainPreActivation.Bottleneck(1024, 512, 1024, 2048, dropout: 0.3), PlainPreActivation.Bottleneck(2048, 1024, 2048, 4096, dropout: 0.5),
            BatchNorm2d(4096), ReLU());
        head = Sequential(Dropout2d(0.5), AdaptiveAvgPool2d(1), Conv2d(4096, classCount, kernel_size: 1, bias: false), Flatten());
        RegisterComponents();
        foreach (var convolution in modules().OfType<TorchSharp.Modules.Conv2d>())
        {
            init.kaiming_normal_(convolution.weight);
        }
    }

    /// <summary>What published training never changes.</summary>
    public Module Front => front;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => head.forward(body.forward(front.forward(input)));
}
