using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlps.Slides;

/// <summary>Blends the tiles of overlapping rows of a grid into bands of the slide's mask.</summary>
/// <remarks>
/// It holds one row of tiles, where there are any: blocks as wide as tiles are apart, with planes [C, size, stride] of weighted probabilities, and one of background where it was predicted.
/// Tiles are added row by row; each finished row gives a band of as many lines as rows of tiles are apart.
/// </remarks>
/// <param name="width">Pixels in a line of the mask.</param>
/// <param name="size">Side of the tiles.</param>
/// <param name="stride">Lines from one row of tiles to the next.</param>
/// <param name="classCount">C, the number of tissues.</param>
internal sealed class TileBlender(int width, int size, int stride, int classCount)
{
    private readonly float[] _window = BlendWindow.Hann(size);
    private readonly float[]?[] _blocks = new float[]?[(width + stride - 1) / stride];
    private readonly float[]?[] _backgrounds = new float[]?[(width + stride - 1) / stride];

    /// <summary>For each block, the rows of tiles until its last tile is behind.</summary>
    private readonly int[] _rowsLeft = new int[(width + stride - 1) / stride];

    /// <summary>Blocks that are used again, all zeros.</summary>
    private readonly Stack<float[]> _free = [];

    private int PlaneLength => size * stride;

    /// <summary>Adds a tile to the present row.</summary>
    /// <param name="left">Its first column in the mask.</param>
    /// <param name="probability">[C, size, size]: probabilities of the tissues.</param>
    /// <param name="classes">[size, size]: the classes that were predicted, of which background is C.</param>
    public void Add(int left, ReadOnlySpan<float> probability, ReadOnlySpan<byte> classes)
    {
        var columns = Math.Min(size, width - left);
        Span<float> weights = stackalloc float[size];
        for (var first = 0; first < columns;)
        {
            var block = (left + first) / stride;
            var offset = (left + first) % stride;
            var count = Math.Min(stride - offset, columns - first);
            var sums = _blocks[block] ??= _free.TryPop(out var used) ? used : new float[checked(classCount * PlaneLength)];
            _rowsLeft[block] = (size + stride - 1) / stride;
            for (var y = 0; y < size; y++)
            {
                var line = classes.Slice((y * size) + first, count);
                for (var x = 0; x < count; x++)
                {
                    weights[x] = line[x] < classCount ? _window[y] * _window[first + x] : 0;
                }

                for (var c = 0; c < classCount; c++)
                {
                    AddProducts(Line(sums, c, y).Slice(offset, count), probability.Slice((((c * size) + y) * size) + first, count), weights[..count]);
                }

                if (line.Contains((byte)classCount))
                {
                    var background = Line(_backgrounds[block] ??= new float[PlaneLength], 0, y).Slice(offset, count);
                    for (var x = 0; x < count; x++)
                    {
                        background[x] += line[x] < classCount ? 0 : _window[y] * _window[first + x];
                    }
                }
            }

            first += count;
        }
    }

    /// <summary>Writes the lines that no later row of tiles reaches, and moves on to the next row.</summary>
    /// <param name="classes">[lines, width]: the class with the highest sum, or <see cref="MaskValue.NotLookedAt"/> where no tile was.</param>
    /// <param name="probability">[lines, width]: its share of all, 0..255.</param>
    public void Finish(Span<byte> classes, Span<byte> probability)
    {
        for (var y = 0; y < classes.Length / width; y++)
        {
            for (var block = 0; block < _blocks.Length; block++)
            {
                var (left, count) = (block * stride, Math.Min(stride, width - (block * stride)));
                var line = classes.Slice((y * width) + left, count);
                var shares = probability.Slice((y * width) + left, count);
                if (_blocks[block] is { } sums)
                {
                    Choose(sums, _backgrounds[block], y, line, shares);
                }
                else
                {
                    line.Fill(MaskValue.NotLookedAt);
                    shares.Clear();
                }
            }
        }

        Advance();
    }

    /// <summary>Goes to the next row of tiles.</summary>
    public void Advance()
    {
        for (var block = 0; block < _blocks.Length; block++)
        {
            if (_blocks[block] is not { } sums)
            {
                continue;
            }

            if (--_rowsLeft[block] == 0)
            {
                sums.AsSpan().Clear();
                _free.Push(sums);
                (_blocks[block], _backgrounds[block]) = (null, null);
                continue;
            }

            for (var c = 0; c < classCount; c++)
            {
                MoveUp(sums.AsSpan(c * PlaneLength, PlaneLength));
            }

            MoveUp(_backgrounds[block]);
        }
    }

    private void MoveUp(Span<float> plane)
    {
        if (!plane.IsEmpty)
        {
            plane[(stride * stride)..].CopyTo(plane);
            plane[((size - stride) * stride)..].Clear();
        }
    }

    private void Choose(float[] sums, float[]? backgrounds, int y, Span<byte> classes, Span<byte> probability)
    {
        for (var x = 0; x < classes.Length; x++)
        {
            var (best, highest, total) = (MaskValue.NotLookedAt, 0f, 0f);
            for (var c = 0; c <= classCount; c++)
            {
                var sum = c < classCount ? sums[(c * PlaneLength) + (y * stride) + x] : backgrounds is null ? 0 : backgrounds[(y * stride) + x];
                total += sum;
                if (sum > highest)
                {
                    (best, highest) = ((byte)c, sum);
                }
            }

            classes[x] = best;
            probability[x] = total > 0 ? (byte)Math.Round(byte.MaxValue * (highest / total)) : (byte)0;
        }
    }

    private static void AddProducts(Span<float> sums, ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(sums);
        var v = MemoryMarshal.Cast<float, Vector<float>>(values);
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] += v[i] * w[i];
        }

        for (var i = vectors.Length * Vector<float>.Count; i < sums.Length; i++)
        {
            sums[i] += values[i] * weights[i];
        }
    }

    private Span<float> Line(float[] sums, int plane, int y) => sums.AsSpan((plane * PlaneLength) + (y * stride), stride);
}
