using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>ResNet-18 with dilated last stages, for the pretrained weights of ML.NET's image featurizer.</summary>
/// <remarks>Low-level features: layer1 [N, 64w, ⌈H/4⌉, ⌈W/4⌉]. High-level: layer4 [N, 512w, ⌈H/stride⌉, ⌈W/stride⌉].</remarks>
internal sealed class ResNet18Backbone : SegmenterBackbone, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly ResNet18Layers _layers;

    public ResNet18Backbone(int outputStride, ChannelWidth width)
        : base(nameof(ResNet18Backbone))
    {
        _layers = new(outputStride, width);
        (conv1, bn1) = (_layers.Conv1, _layers.Bn1);
        (layer1, layer2, layer3, layer4) = (_layers.Stages[0], _layers.Stages[1], _layers.Stages[2], _layers.Stages[3]);
        LowLevelChannels = width.Of(64);
        HighLevelChannels = width.Of(512);
        RegisterComponents();
    }

    public IEnumerable<ConvNorm> Folded => _layers.Folded;

    public override int LowLevelChannels { get; }

    public override int HighLevelChannels { get; }

    public override bool HasFixedPlaces => true;

    public override void Place(int outputStride) => _layers.Place(outputStride);

    public override (Tensor LowLevel, Tensor HighLevel) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var low = _layers.Front(input);
        var high = low.Through(layer2, layer3, layer4);
        return (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope());
    }
}
