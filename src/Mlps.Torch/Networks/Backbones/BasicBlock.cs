using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>Post-activation residual block of ResNet-18 and -34: two 3x3 convolutions beside a shortcut.</summary>
internal sealed class BasicBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;

    public BasicBlock(int inChannels, int channels, int stride = 1, int dilation = 1)
        : base(nameof(BasicBlock))
    {
        conv1 = Convolution.Of3x3(inChannels, channels, stride, dilation);
        bn1 = BatchNorm2d(channels);
        conv2 = Convolution.Of3x3(channels, channels, dilation: dilation);
        bn2 = BatchNorm2d(channels);
        if (stride != 1 || inChannels != channels)
        {
            downsample = Sequential(Convolution.Of1x1(inChannels, channels, stride), BatchNorm2d(channels));
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(bn1.forward(conv1.forward(input)));
        x = bn2.forward(conv2.forward(x));
        var shortcut = downsample is null ? input : downsample.forward(input);
        return functional.relu(x.add(shortcut)).MoveToOuterDisposeScope();
    }
}
