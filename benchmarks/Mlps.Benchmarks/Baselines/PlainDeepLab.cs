using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Benchmarks.Baselines;

/// <summary>
/// DeepLab v3+ on ResNet-101, output stride 16, as anybody would write it from the paper: module after module, planes side by side, nothing folded, nothing in place. What this library's network is
/// measured against; it shares no code with it. Chen et al. 2018.
/// </summary>
internal sealed class PlainDeepLab : Module<Tensor, Tensor>
{
    private const int Pyramid = 256;

    private readonly Module<Tensor, Tensor> stem, layer1, deeper, aspp1, aspp2, aspp3, aspp4, pooled, mixed, low, classify;

    public PlainDeepLab(int classCount)
        : base(nameof(PlainDeepLab))
    {
        stem = Sequential(Conv2d(3, 64, kernel_size: 7, stride: 2, padding: 3, bias: false), BatchNorm2d(64), ReLU(), MaxPool2d(3, stride: 2, padding: 1));
        layer1 = Stage(64, 64, 1, 1, 1, 1);
        deeper = Sequential(Stage(256, 128, 2, 1, 1, 1, 1), Stage(512, 256, 2, [.. Enumerable.Repeat(1, 23)]), Stage(1024, 512, 1, 2, 4, 8));
        aspp1 = Sequential(Conv2d(2048, Pyramid, kernel_size: 1, bias: false), BatchNorm2d(Pyramid), ReLU());
        aspp2 = Atrous(6);
        aspp3 = Atrous(12);
        aspp4 = Atrous(18);
        pooled = Sequential(AdaptiveAvgPool2d(1), Conv2d(2048, Pyramid, kernel_size: 1, bias: false), BatchNorm2d(Pyramid), ReLU());
        mixed = Sequential(Conv2d(5 * Pyramid, Pyramid, kernel_size: 1, bias: false), BatchNorm2d(Pyramid), ReLU(), Dropout(0.5));
        low = Sequential(Conv2d(256, 48, kernel_size: 1, bias: false), BatchNorm2d(48), ReLU());
        classify = Sequential(
            Conv2d(Pyramid + 48, Pyramid, kernel_size: 3, padding: 1, bias: false), BatchNorm2d(Pyramid), ReLU(), Dropout(0.5),
            Conv2d(Pyramid, Pyramid, kernel_size: 3, padding: 1, bias: false), BatchNorm2d(Pyramid), ReLU(), Dropout(0.1),
            Conv2d(Pyramid, classCount, kernel_size: 1));
        RegisterComponents();
        foreach (var convolution in modules().OfType<TorchSharp.Modules.Conv2d>())
        {
            init.kaiming_normal_(convolution.weight);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var shallow = layer1.forward(stem.forward(input));
        var deep = deeper.forward(shallow);
        var whole = functional.interpolate(pooled.forward(deep), size: [deep.shape[2], deep.shape[3]], mode: InterpolationMode.Bilinear, align_corners: true);
        var context = mixed.forward(cat([aspp1.forward(deep), aspp2.forward(deep), aspp3.forward(deep), aspp4.forward(deep), whole], dim: 1));
        var reduced = low.forward(shallow);
        var raised = functional.interpolate(context, size: [reduced.shape[2], reduced.shape[3]], mode: InterpolationMode.Bilinear, align_corners: true);
        var logits = classify.forward(cat([raised, reduced], dim: 1));
        return functional.interpolate(logits, size: [input.shape[2], input.shape[3]], mode: InterpolationMode.Bilinear, align_corners: true);
    }

    private static Module<Tensor, Tensor> Atrous(int dilation) =>
        Sequential(Conv2d(2048, Pyramid, kernel_size: 3, padding: dilation, dilation: dilation, bias: false), BatchNorm2d(Pyramid), ReLU());

    private static Module<Tensor, Tensor> Stage(int input, int channels, int stride, params int[] dilations) =>
        Sequential(dilations.Select((dilation, place) => (Module<Tensor, Tensor>)new PlainBottleneck(place == 0 ? input : 4 * channels, channels, place == 0 ? stride : 1, dilation)));
}
