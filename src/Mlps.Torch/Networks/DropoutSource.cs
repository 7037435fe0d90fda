using Mlps.Torch.Convolutions;
using Mlps.Torch.Data;
using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Random numbers for the dropout of one training run, fixed by its seed and the step alone.</summary>
internal sealed class DropoutSource(long seed) : IDisposable
{
    private const int Stream = -2;
    private const long Low32Bits = 0xFFFFFFFF;
    private const int Low16Bits = 0xFFFF;

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

    /// <summary>Fills a tensor [N, …] of the CPU with 1, with a probability, and 0; returns it.</summary>
    public Tensor Kept(Tensor mask, double probability) =>
        _share is null ? mask.bernoulli_(probability, _generator) : mask.copy_(OfWhole(mask, probability));

    public void Dispose() => _generator.Dispose();

    /// <summary>True, with a probability, and false, in the shape [N, …] and the order in memory of a tensor on any device; TorchSharp has generators for the CPU alone.</summary>
    /// <remarks>
    /// Two elements share the 32 bits of a hash of their place and of two keys for each drawing, so that probabilities are multiples of 2⁻¹⁶. The hash is Wellons' (2018, "lowbias32"), with a key before each of its products.
    /// </remarks>
    internal Tensor Hashed(Tensor like, double probability)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var shape = like.shape;
        var (rows, places) = (shape[0], like.numel() / shape[0]);
        var words = (places + 1) / 2;
        var bits = arange(0, rows * words, ScalarType.Int32, like.device);
        bits.add_(Wrapped((FirstOf(like) * words) + Key()));
        bits.bitwise_xor_(Upper(16)).mul_(0x7FEB352D).add_(Wrapped(Key()));
        bits.bitwise_xor_(Upper(15)).mul_(unchecked((int)0x846CA68B));
        bits.bitwise_xor_(Upper(16));

        // The upper half is compared with its sign, which changes the order of the numbers and not how many there are below the limit.
        var limit = Math.Min((int)Math.Round(probability * (Low16Bits + 1)), Low16Bits);
        var upper = bits.lt((limit - (1 << 15)) << 16).view(rows, words);
        var lower = bits.bitwise_and_(tensor(Low16Bits, device: CPU)).lt(limit).view(rows, words);
        var kept = cat([lower, upper], 1).narrow(1, 0, places);
        kept = ChannelsLast.Lies(like) ? kept.reshape(rows, shape[2], shape[3], shape[1]).permute(0, 3, 1, 2) : kept.reshape(shape);
        return kept.MoveToOuterDisposeScope();

        Tensor Upper(int droppedBits) => bits.bitwise_right_shift(tensor(droppedBits, device: CPU)).bitwise_and_(tensor(int.MaxValue >> (droppedBits - 1), device: CPU));

        long Key() => (long)(_keys.NextDouble() * Low32Bits);

        static int Wrapped(long value) => unchecked((int)value);
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
