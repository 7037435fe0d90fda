using Mlps.Torch.Convolutions;
using Mlps.Torch.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>ResNet-38 patch classifier: which tissues occur in a patch.</summary>
/// <remarks>
/// Input [N, 3, H, W]; logits [N, C]; feature maps at an eighth of the image's height and width. Wide, pre-activation, dilated
/// (Wu et al. 2016), with the layer names of the published checkpoints. 105.1 M parameters at width 1 with four classes.
/// </remarks>
public sealed class ResNet38 : ClassifierNetwork
{
    private readonly Conv2d conv1a;
    private readonly ResNet38Block b2, b2_1, b2_2;
    private readonly ResNet38Block b3, b3_1, b3_2;
    private readonly ResNet38Block b4, b4_1, b4_2, b4_3, b4_4, b4_5;
    private readonly ResNet38Block b5, b5_1, b5_2;
    private readonly ResNet38Bottleneck b6, b7;
    private readonly BatchNorm2d bn7;
    private readonly SeededDropout dropout7;
    private readonly Conv2d fc8;
    private readonly ConvNorm _stem;

    /// <summary>Makes the network with random weights.</summary>
    /// <param name="classCount">C, the number of tissues; at least 1.</param>
    /// <param name="width">Factor on every channel count, in (0, 4]; 1 is the published network.</param>
    /// <param name="seed">What the weights are drawn from, by a generator of its own: the process's is not used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public ResNet38(int classCount, double width = 1, long seed = 0)
        : this(classCount, width, (long?)seed)
    {
    }

    private ResNet38(int classCount, double width, long? seed)
        : base(nameof(ResNet38), classCount, width)
    {
        using var state = ComputeScope.ForWeights();
        var channels = ChannelWidth.Checked(width);
        int c64 = channels.Of(64), c128 = channels.Of(128), c256 = channels.Of(256), c512 = channels.Of(512);
        int c1024 = channels.Of(1024), c2048 = channels.Of(2048), c4096 = channels.Of(4096);
        conv1a = Convolution.Create3x3(3, c64);
        b2 = new(nameof(b2), c64, c128, c128, stride: 2);
        b2_1 = new(nameof(b2_1), c128, c128, c128);
        b2_2 = new(nameof(b2_2), c128, c128, c128);
        b3 = new(nameof(b3), c128, c256, c256, stride: 2);
        b3_1 = new(nameof(b3_1), c256, c256, c256);
        b3_2 = new(nameof(b3_2), c256, c256, c256);
        b4 = new(nameof(b4), c256, c512, c512, stride: 2);
        b4_1 = new(nameof(b4_1), c512, c512, c512);
        b4_2 = new(nameof(b4_2), c512, c512, c512);
        b4_3 = new(nameof(b4_3), c512, c512, c512);
        b4_4 = new(nameof(b4_4), c512, c512, c512);
        b4_5 = new(nameof(b4_5), c512, c512, c512);
        b5 = new(nameof(b5), c512, c512, c1024, firstDilation: 1, dilation: 2);
        b5_1 = new(nameof(b5_1), c1024, c512, c1024, firstDilation: 2, dilation: 2);
        b5_2 = new(nameof(b5_2), c1024, c512, c1024, firstDilation: 2, dilation: 2);
        b6 = new(nameof(b6), c1024, c512, c1024, c2048, dilation: 4, dropout: 0.3);
        b7 = new(nameof(b7), c2048, c1024, c2048, c4096, dilation: 4, dropout: 0.5);
        bn7 = BatchNorm.Create(c4096);
        dropout7 = SeededDropout.OfChannels(0.5);
        fc8 = Convolution.Create1x1(c4096, classCount);
        _stem = new(conv1a);
        RegisterComponents();
        if (seed is { } given)
        {
            Initialization.Draw(this, given, fc8);
        }
    }

    /// <inheritdoc/>
    public override ClassifierEncoder Encoder => ClassifierEncoder.ResNet38;

    internal override Conv2d Head => fc8;

    internal override string HeadName => nameof(fc8);

    /// <summary>The layers that published training never changes: the first convolution and the first three blocks.</summary>
    internal override IEnumerable<Module> FrozenFront => [conv1a, b2, b2_1, b2_2];

    /// <summary>A network whose weights are still to be loaded, all of them.</summary>
    internal static ResNet38 ToLoad(int classCount, double width) => new(classCount, width, seed: null);

    internal override Tensor RunTo(ActivationLayer layer, Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = layer switch
        {
            ActivationLayer.B4Block3 => Front(input).Through(b3, b3_1, b3_2, b4, b4_1, b4_2, b4_3),
            ActivationLayer.B4Block5 => input.Through(b4_4, b4_5),
            ActivationLayer.B5Block2 => input.Through(b5, b5_1, b5_2),

            // On CPUs, wide dilated convolutions are faster with planes; Winograd convolutions return channels last.
            ActivationLayer.B6 => b6.forward(UsesChannelsLast(input) ? input : input.contiguous()),
            ActivationLayer.Bn7 => functional.relu(bn7.Normalize(b7.forward(input)), inplace: true),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
        };
        return output.MoveToOuterDisposeScope();
    }

    private protected override Tensor DropFeatures(Tensor features) => dropout7.forward(features);

    /// <summary>The first blocks, without a graph where they are frozen.</summary>
    private Tensor Front(Tensor input)
    {
        var learns = is_grad_enabled();
        var frozen = !input.requires_grad && FrozenFront.SelectMany(module => module.parameters()).All(parameter => !parameter.requires_grad);
        using var noGrad = frozen ? no_grad() : null;

        // On CPUs, folded, large images of few channels are faster with channels last; wide layers learn faster with planes.
        var channelsLast = UsesChannelsLast(input);
        var isFolded = !is_grad_enabled() && b2_2.Folded.All(convolution => convolution.IsFolded);
        var features = _stem.Forward(isFolded || channelsLast ? input.ToChannelsLast() : input).Through(b2, b2_1, b2_2);
        return learns && isFolded && !channelsLast ? features.contiguous() : features;
    }
}
