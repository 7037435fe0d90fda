using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Devices;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

/// <summary>The two networks with a fraction of their channels and weights that need no file, as the recorded figures were made with.</summary>
internal static class ReferenceNetworks
{
    public const int ClassCount = 4;

    /// <summary>ResNet-38 with a sixteenth of its channels, in evaluation mode.</summary>
    public static ResNet38 PatchClassifier(ScalarType type = ScalarType.Float32) =>
        Prepared(new ResNet38(ClassCount, 1.0 / 16), type);

    /// <summary>DeepLab v3+ on ResNet-101 with an eighth of its channels, in evaluation mode.</summary>
    public static DeepLabV3Plus Segmenter(ScalarType type = ScalarType.Float32) =>
        Prepared(new DeepLabV3Plus(ClassCount, new SegmenterArchitecture { Backbone = BackboneKind.ResNet, Width = 1.0 / 8 }), type);

    /// <summary>Makes every BatchNorm pass its input through.</summary>
    public static void MakeBatchNormsIdentity(nn.Module network)
    {
        using var noGrad = no_grad();
        foreach (var batchNorm in network.modules().OfType<BatchNorm2d>())
        {
            batchNorm.weight!.fill_(1);
            batchNorm.bias!.fill_(0);
            batchNorm.running_mean!.fill_(0);
            batchNorm.running_var!.fill_(1);
        }
    }

    /// <summary>Takes chance out of training.</summary>
    public static void SwitchDropoutOff(nn.Module network)
    {
        foreach (var dropout in network.modules().OfType<SeededDropout>())
        {
            dropout.Rate = 0;
        }
    }

    private static TNetwork Prepared<TNetwork>(TNetwork network, ScalarType type)
        where TNetwork : nn.Module
    {
        using var noGrad = no_grad();
        foreach (var (name, weight) in network.state_dict())
        {
            if (weight.is_floating_point())
            {
                using var values = tensor(ProceduralWeights.Values(name, weight.shape), weight.shape);
                weight.copy_(values);
            }
        }

        SwitchDropoutOff(network);
        network.to(type);
        network.to(TestDevice.Value);
        network.eval();
        return network;
    }
}
