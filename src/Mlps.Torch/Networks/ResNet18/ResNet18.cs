using Mlps.Torch.Convolutions;
using Mlps.Torch.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>ResNet-18 patch classifier: which tissues occur in a patch.</summary>
/// <remarks>
/// Input [N, 3, H, W]; logits [N, C]; feature maps at an eighth of the image's height and width. The network of ML.NET's image featurizer, for its pretrained
/// weights: basic blocks [2, 2, 2, 3], 15.9 M parameters at width 1. Layer names are torchvision's. He et al. 2016.
/// </remarks>
public sealed class ResNet18 : ClassifierNetwork, IFoldable
{
    private const double DropoutRate = 0.5;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly SeededDropout dropout;
    private readonly Conv2d fc;
    private readonly ResNet18Layers _layers;

    /// <summary>Makes the network with random weights.</summary>
    /// <param name="classCount">C, the number of tissues; at least 1.</param>
    /// <param name="width">Factor on every channel count, in (0, 4]; 1 is the network of the pretrained weights.</param>
    /// <param name="seed">What the weights are drawn from, by a generator of its own: the process's is not used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public ResNet18(int classCount, double width = 1, long seed = 0)
        : this(classCount, width, (long?)seed)
    {
    }

    private ResNet18(int classCount, double width, long? seed)
        : base(nameof(ResNet18), classCount, width)
    {
        using var state = ComputeScope.ForWeights();
        var channels = ChannelWidth.Checked(width);
        _layers = new(OutputStride, channels);
        (conv1, bn1) = (_layers.Conv1, _layers.Bn1);
        (layer1, layer2, layer3, layer4) = (_layers.Stages[0], _layers.Stages[1], _layers.Stages[2], _layers.Stages[3]);
        dropout = SeededDropout.OfChannels(DropoutRate);
        fc = Convolution.Create1x1(channels.Of(512), classCount);
        RegisterComponents();
        if (seed is { } given)
        {
            Initialization.Draw(this, given, fc);
        }
    }

    /// <inheritdoc/>
    public override ClassifierEncoder Encoder => ClassifierEncoder.ResNet18;

    internal override Conv2d Head => fc;

    internal override string HeadName => nameof(fc);

    internal override IEnumerable<Module> FrozenFront => [conv1, bn1, layer1];

    IEnumerable<ConvNorm> IFoldable.Folded => _layers.Folded;

    internal static ResNet18 ToLoad(int classCount, double width) => new(classCount, width, seed: null);

    internal override void Place(int outputStride) => _layers.Place(outputStride);

    internal override Tensor RunTo(ActivationLayer layer, Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = layer switch
        {
            ActivationLayer.Layer2 => layer2.forward(_layers.Front(UsesChannelsLast(input) ? input.ToChannelsLast() : input)),
            ActivationLayer.Layer3 => layer3.forward(input),
            ActivationLayer.Layer4Block0 => Block(0).forward(input),
            ActivationLayer.Layer4Block1 => Block(1).forward(input),
            ActivationLayer.Layer4Block2 => Block(2).forward(input),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "ResNet-18 has no such layer."),
        };
        return output.MoveToOuterDisposeScope();
    }

    private protected override Tensor DropFeatures(Tensor features) => dropout.forward(features);

    private Module<Tensor, Tensor> Block(int index) => (Module<Tensor, Tensor>)layer4[index];
}
