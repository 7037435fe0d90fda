using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Benchmarks.Baselines;

/// <summary>Bottleneck block of a plain ResNet-101: 1x1, 3x3, 1x1, beside a shortcut. He et al. 2016.</summary>
internal sealed class PlainBottleneck : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> branch;
    private readonly Module<Tensor, Tensor>? downsample;

    public PlainBottleneck(int input, int channels, int stride, int dilation)
        : base(nameof(PlainBottleneck))
    {
        branch = Sequential(
            Conv2d(input, channels, kernel_size: 1, bias: false), BatchNorm2d(channels), ReLU(),
            Conv2d(channels, channels, kernel_size: 3, stride: stride, padding: dilation, dilation: dilation, bias: false), BatchNorm2d(channels), ReLU(),
            Conv2d(channels, 4 * channels, kernel_size: 1, bias: false), BatchNorm2d(4 * channels));
        downsample = input == 4 * channels && stride == 1 ? null : Sequential(Conv2d(input, 4 * channels, kernel_size: 1, stride: stride, bias: false), BatchNorm2d(4 * channels));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.relu(branch.forward(input).add(downsample?.forward(input) ?? input));
}
