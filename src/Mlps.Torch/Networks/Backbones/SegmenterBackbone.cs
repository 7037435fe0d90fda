using static TorchSharp.torch;

namespace Mlps.Torch.Networks.Backbones;

/// <summary>The encoder of a segmenter: turns images into low-level and high-level features.</summary>
internal abstract class SegmenterBackbone(string name) : nn.Module<Tensor, (Tensor LowLevel, Tensor HighLevel)>(name)
{
    /// <summary>Channels of the low-level features, which keep edges for the decoder.</summary>
    public abstract int LowLevelChannels { get; }

    /// <summary>Channels of the high-level features, at the output stride.</summary>
    public abstract int HighLevelChannels { get; }

    /// <summary>Whether low-level feature i lies at pixel 4i, and high-level feature i at the output stride times i; otherwise features span the image from border to border.</summary>
    public virtual bool HasFixedPlaces => false;

    /// <summary>Computes with the same weights at another output stride.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The encoder has only one.</exception>
    public virtual void Place(int outputStride) => throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, $"{GetType().Name} has one output stride, which is another.");
}
