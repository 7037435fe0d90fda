using Mlps.Torch.Networks;

namespace Mlps.Benchmarks.Setup;

/// <summary>The networks that are measured.</summary>
public enum NetworkSize
{
    /// <summary>The published ones: ResNet-38 and DeepLab v3+ on ResNet-101.</summary>
    Published,

    /// <summary>Those that the Quickstart trains on CPUs: ResNet-38 at an eighth of its width, DeepLab v3+ on the compact backbone.</summary>
    Small,
}

/// <summary>What the sizes mean.</summary>
internal static class NetworkSizes
{
    public static double ClassifierWidth(this NetworkSize size) => size is NetworkSize.Published ? 1 : 0.125;

    public static SegmenterArchitecture Architecture(this NetworkSize size) => new() { Backbone = size is NetworkSize.Published ? BackboneKind.ResNet : BackboneKind.Compact };
}
