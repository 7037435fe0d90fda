using System.Buffers;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>So many pixels of tissue, each of an image's or a table's with the same chance.</summary>
/// <remarks>Reservoir sampling by gaps (algorithm L; Li 1994): pixels beyond the first cost no random number each.</remarks>
/// <param name="rule">What tissue is.</param>
/// <param name="capacity">Pixels, at most.</param>
/// <param name="seed">Fixes the choice.</param>
internal sealed class TissueSample(TissueRule rule, int capacity, int seed) : IDisposable
{
    private readonly uint[] _pixels = ArrayPool<uint>.Shared.Rent(capacity);
    private RandomStream _random = new(seed);
    private double _weight = 1;
    private long _gap;

    /// <summary>The pixels, each red + 256 · green + 65536 · blue.</summary>
    public ReadOnlySpan<uint> Pixels => _pixels.AsSpan(0, Count);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether stains can be computed: there is enough tissue, of more than one colour.</summary>
    public bool IsEnough => Count >= TissueRule.LeastPixels && Pixels.ContainsAnyExcept(_pixels[0]);

    public void Add(StainPixels image)
    {
        ReadOnlySpan<byte> bytes = image.Bytes;
        int red = image.Red, blue = image.Blue;
        for (var at = 0; at < bytes.Length; at += StainPixels.BytesPerPixel)
        {
            var (r, g, b) = (bytes[at + red], bytes[at + 1], bytes[at + blue]);
            if (!rule.IsTissue(r, g, b))
            {
                continue;
            }

            if (Count < capacity)
            {
                _pixels[Count++] = Pack(r, g, b);
                if (Count == capacity)
                {
                    NextGap();
                }
            }
            else if (--_gap < 0)
            {
                _pixels[_random.Next(capacity)] = Pack(r, g, b);
                NextGap();
            }
        }
    }

    public void Dispose() => ArrayPool<uint>.Shared.Return(_pixels);

    private static uint Pack(byte red, byte green, byte blue) => red | ((uint)green << 8) | ((uint)blue << 16);

    private void NextGap()
    {
        _weight *= Math.Exp(Math.Log(Chance()) / capacity);
        _gap = (long)Math.Min(Math.Log(Chance()) / Math.Log(1 - _weight), long.MaxValue / 2);
    }

    /// <summary>A number in (0, 1].</summary>
    private double Chance() => 1 - _random.NextDouble();
}
