using Mlps.Torch.Data;
using Mlps.Torch.Ranks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Random numbers for the dropout of one training run, fixed by its seed and the step alone.</summary>
internal sealed class DropoutSource(long seed) : IDisposable
{
    private const int Stream = -2;
    private const long Low32Bits = 0xFFFFFFFF;

    private readonly Generator _generator = new(0, CPU);
    private RandomStream _keys;
    private BatchShare? _share;

    /// <summary>Begins a step (from 0): what is drawn from now on depends on it and on the place in the batch, and not on the steps before.</summary>
    /// <param name="step">The step.</param>
    /// <param name="share">The part of the batch that tensors will be of; null for all of it.</param>
    public void StartStep(long step, BatchShare? share = null)
    {
        _share = share is { Ranks: not null } ? share : null;
        _keys = new RandomStream(seed, step, Stream);
        _generator.manual_seed((long)(_keys.NextDouble() * int.MaxValue));
    }

    /// <summary>Fills a tensor [N, …] with 1, with a probability, and 0; returns it.</summary>
    public Tensor Kept(Tensor mask, double probability)
    {
        if (mask.device_type is not DeviceType.CPU)
        {
            return FillHashed(mask, probability);
        }

        return _share is null ? mask.bernoulli_(probability, _generator) : mask.copy_(OfWhole(mask, probability));
    }

    public void Dispose() => _generator.Dispose();

    /// <summary>The same on devices other than the CPU, for which TorchSharp has no generators.</summary>
    /// <remarks>
    /// Each element's number is a hash of its place and of two keys for each drawing. The hash is Wellons' (2018, "lowbias32"), with a key before each of its products.
    /// </remarks>
    internal Tensor FillHashed(Tensor mask, double probability)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var low = tensor(Low32Bits, device: CPU);
        var first = FirstOf(mask) * (mask.numel() / mask.shape[0]);
        var bits = arange(first, first + mask.numel(), ScalarType.Int64, mask.device);
        bits.add_(Key()).bitwise_and_(low);
        bits.bitwise_xor_(Shifted(16)).mul_(0x7FEB352DL).add_(Key()).bitwise_and_(low);
        bits.bitwise_xor_(Shifted(15)).mul_(0x846CA68BL).bitwise_and_(low);
        bits.bitwise_xor_(Shifted(16));
        mask.copy_(bits.lt((long)(probability * (Low32Bits + 1))).view(mask.shape));
        return mask;

        Tensor Shifted(long places) => bits.bitwise_right_shift(tensor(places, device: CPU));

        long Key() => (long)(_keys.NextDouble() * Low32Bits);
    }

    /// <summary>This rank's rows of what is drawn for the whole batch: the same rows, whichever rank has them.</summary>
    private Tensor OfWhole(Tensor mask, double probability)
    {
        using var scope = NewDisposeScope();
        var shape = mask.shape;
        var strides = mask.stride();
        var rows = shape[0];
        (shape[0], strides[0]) = (_share!.InWhole(rows), mask.numel() / rows);
        using var whole = empty_strided(shape, strides, mask.dtype, mask.device).bernoulli_(probability, _generator);
        return whole.narrow(0, FirstOf(mask), rows).clone().MoveToOuterDisposeScope();
    }

    /// <summary>The first row of a tensor [N, …] of this rank in that of the whole batch.</summary>
    private long FirstOf(Tensor mask) => _share is null ? 0 : mask.shape[0] * _share.First / _share.Count;
}
