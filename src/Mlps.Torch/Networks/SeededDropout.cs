using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Dropout that draws from the training run's own source, or from the process's generator where there is none.</summary>
internal sealed class SeededDropout : nn.Module<Tensor, Tensor>
{
    private readonly bool _ofChannels;

    private SeededDropout(double rate, bool ofChannels)
        : base(nameof(SeededDropout))
    {
        (Rate, _ofChannels) = (rate, ofChannels);
    }

    /// <summary>Probability of being dropped, in [0, 1).</summary>
    public double Rate { get; set; }

    /// <summary>What masks are drawn from; null for the process's generator.</summary>
    /// <remarks>Belongs to the run.</remarks>
    public DropoutSource? Source { get; set; }

    /// <summary>Drops elements, each by itself.</summary>
    public static SeededDropout OfElements(double rate) => new(rate, ofChannels: false);

    /// <summary>Drops whole channels of [N, C, H, W].</summary>
    public static SeededDropout OfChannels(double rate) => new(rate, ofChannels: true);

    /// <summary>Has all dropout of a network draw from a source, or from the process's generator again.</summary>
    public static void DrawFrom(nn.Module network, DropoutSource? source)
    {
        foreach (var dropout in network.modules().OfType<SeededDropout>())
        {
            dropout.Source = source;
        }
    }

    public override Tensor forward(Tensor input)
    {
        if (!training || Rate == 0 || Source is not { } source)
        {
            return _ofChannels ? nn.functional.dropout2d(input, Rate, training) : nn.functional.dropout(input, Rate, training);
        }

        using var scope = NewDisposeScope();
        var like = _ofChannels ? empty([input.shape[0], input.shape[1], 1, 1], input.dtype, input.device) : input;
        var kept = input.device_type is DeviceType.CPU
            ? input.mul(source.Kept(empty_like(like), 1 - Rate).div_(1 - Rate))
            : KeepOnly(input, source.Hashed(like, 1 - Rate));
        return kept.MoveToOuterDisposeScope();
    }

    /// <summary>What is kept of an input, scaled up as much as the mean loses by the rest.</summary>
    /// <param name="input">[N, …].</param>
    /// <param name="kept">True where an element is kept; of the input's shape, or [N, C, 1, 1].</param>
    internal Tensor KeepOnly(Tensor input, Tensor kept) => input.mul(kept).mul_(1 / (1 - Rate));
}
