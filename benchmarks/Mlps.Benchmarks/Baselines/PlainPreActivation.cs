using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Benchmarks.Baselines;

/// <summary>Block of a plain ResNet-38: BatchNorm and ReLU before the convolutions, beside a shortcut.</summary>
internal sealed class PlainPreActivation : Module<Tensor, Tensor>
{
    private const int BottleneckDilation = 4;

    private readonly Module<Tensor, Tensor> activation, branch;
    private readonly Module<Tensor, Tensor>? shortcut;

    private PlainPreActivation(int input, Module<Tensor, Tensor> branch, Module<Tensor, Tensor>? shortcut)
        : base(nameof(PlainPreActivation))
    {
        activation = Sequential(BatchNorm2d(input), ReLU());
        (this.branch, this.shortcut) = (branch, shortcut);
        RegisterComponents();
    }

    public static PlainPreActivation Create3x3(int input, int middle, int output, int stride = 1, int firstDilation = 1, int dilation = 1) => new(
        input,
        Sequential(
            Conv2d(input, middle, kernel_size: 3, stride: stride, padding: firstDilation, dilation: firstDilation, bias: false), BatchNorm2d(middle), ReLU(),
            Conv2d(middle, output, kernel_size: 3, padding: dilation, dilation: dilation, bias: false)),
        input == output && stride == 1 ? null : Conv2d(input, output, kernel_size: 1, stride: stride, bias: false));

    public static PlainPreActivation Bottleneck(int input, int first, int second, int output, double dropout) => new(
        input,
        Sequential(
            Conv2d(input, first, kernel_size: 1, bias: false), BatchNorm2d(first), ReLU(), Dropout2d(dropout),
            Conv2d(first, second, kernel_size: 3, padding: BottleneckDilation, dilation: BottleneckDilation, bias: false), BatchNorm2d(second), ReLU(), Dropout2d(dropout),
            Conv2d(second, output, kernel_size: 1, bias: false)),
        Conv2d(input, output, kernel_size: 1, bias: false));

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var activated = activation.forward(input);
        return branch.forward(activated).add(shortcut?.forward(activated) ?? input);
    }
}
