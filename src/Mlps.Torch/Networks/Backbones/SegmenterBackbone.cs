using static TorchSharp.torch;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>The encoder of a segmenter: turns images into low-level and high-level features.</summary>
internal abstract class SegmenterBackbone(string name) : nn.Module<Tensor, (Tensor LowLevel, Tensor HighLevel)>(name)
{
    /// <summary>Channels of the low-level features, which keep edges for the decoder.</summary>
    public abstract int LowLevelChannels { get; }

    /// <summary>Channels of the high-level features, at the output stride.</summary>
    public abstract int HighLevelChannels { get; }
}
