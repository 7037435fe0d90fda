using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>DeepLab v3+'s decoder: joins the pyramid's features with low-level ones and classifies each pixel.</summary>
/// <remarks>Inputs: pyramid [N, P, h, w] and low-level features [N, L, h', w']; output logits [N, C, h', w'].</remarks>
internal sealed class DeepLabDecoder : Module<Tensor, Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential last_conv;

    public DeepLabDecoder(int lowLevelChannels, int reducedChannels, int pyramidChannels, int classCount)
        : base(nameof(DeepLabDecoder))
    {
        conv1 = Convolution.Of1x1(lowLevelChannels, reducedChannels);
        bn1 = BatchNorm2d(reducedChannels);
        last_conv = Sequential(
            Convolution.Of3x3(pyramidChannels + reducedChannels, pyramidChannels), BatchNorm2d(pyramidChannels), ReLU(), Dropout(0.5),
            Convolution.Of3x3(pyramidChannels, pyramidChannels), BatchNorm2d(pyramidChannels), ReLU(), Dropout(0.1),
            Conv2d(pyramidChannels, classCount, kernel_size: 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor pyramid, Tensor lowLevel)
    {
        using var scope = NewDisposeScope();
        var low = functional.relu(bn1.forward(conv1.forward(lowLevel)));
        var high = functional.interpolate(pyramid, size: [low.shape[2], low.shape[3]], mode: InterpolationMode.Bilinear, align_corners: true);
        return last_conv.forward(cat([high, low], dim: 1)).MoveToOuterDisposeScope();
    }
}
