using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlps.Slides;

/// <summary>Blends the tiles of overlapping rows of a grid into bands of the slide's mask.</summary>
/// <remarks>It holds one row of tiles: planes [C + 1, size, width] of weighted probabilities, background last. Tiles are added row by row; each finished row gives a band of as many lines as rows of tiles are apart.</remarks>
/// <param name="width">Pixels in a line of the mask.</param>
/// <param name="size">Side of the tiles.</param>
/// <param name="stride">Lines from one row of tiles to the next.</param>
/// <param name="classCount">C, the number of tissues.</param>
internal sealed class TileBlender(int width, int size, int stride, int classCount)
{
    private readonly float[] _window = BlendWindow.Hann(size);
    private readonly float[] _sums = new float[checked((classCount + 1) * size * width)];

    /// <summary>Rows of tiles until the last tile that was added is behind: without any, there is nothing to blend.</summary>
    private int _rowsLeft;

    /// <summary>Adds a tile to the present row.</summary>
    /// <param name="left">Its first column in the mask.</param>
    /// <param name="probability">[C, size, size]: probabilities of the tissues.</param>
    /// <param name="classes">[size, size]: the classes that were predicted, of which background is C.</param>
    public void Add(int left, ReadOnlySpan<float> probability, ReadOnlySpan<byte> classes)
    {
        _rowsLeft = (size + stride - 1) / stride;
        var columns = Math.Min(size, width - left);
        Span<float> weights = stackalloc float[size];
        for (var y = 0; y < size; y++)
        {
            var line = classes.Slice(y * size, columns);
            for (var x = 0; x < columns; x++)
            {
                weights[x] = line[x] < classCount ? _window[y] * _window[x] : 0;
            }

            for (var c = 0; c < classCount; c++)
            {
                AddProducts(Line(c, y).Slice(left, columns), probability.Slice(((c * size) + y) * size, columns), weights[..columns]);
            }

            if (line.Contains((byte)classCount))
            {
                var background = Line(classCount, y).Slice(left, columns);
                for (var x = 0; x < columns; x++)
                {
                    background[x] += line[x] < classCount ? 0 : _window[y] * _window[x];
                }
            }
        }
    }

    /// <summary>Writes the lines that no later row of tiles reaches, and moves on to the next row.</summary>
    /// <param name="classes">[lines, width]: the class with the highest sum, or <see cref="MaskValue.NotLookedAt"/> where no tile was.</param>
    /// <param name="probability">[lines, width]: its share of all, 0..255.</param>
    public void Finish(Span<byte> classes, Span<byte> probability)
    {
        if (_rowsLeft == 0)
        {
            classes.Fill(MaskValue.NotLookedAt);
            probability.Clear();
            return;
        }

        var lines = classes.Length / width;
        for (var y = 0; y < lines; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (best, highest, total) = (MaskValue.NotLookedAt, 0f, 0f);
                for (var c = 0; c <= classCount; c++)
                {
                    var sum = _sums[(((c * size) + y) * width) + x];
                    total += sum;
                    if (sum > highest)
                    {
                        (best, highest) = ((byte)c, sum);
                    }
                }

                classes[(y * width) + x] = best;
                probability[(y * width) + x] = total > 0 ? (byte)Math.Round(byte.MaxValue * (highest / total)) : (byte)0;
            }
        }

        Advance();
    }

    /// <summary>Goes to the next row of tiles.</summary>
    public void Advance()
    {
        if (_rowsLeft == 0)
        {
            return;
        }

        _rowsLeft--;
        var kept = (size - stride) * width;
        for (var c = 0; c <= classCount; c++)
        {
            var plane = _sums.AsSpan(c * size * width, size * width);
            plane[(stride * width)..].CopyTo(plane);
            plane[kept..].Clear();
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

    private Span<float> Line(int plane, int y) => _sums.AsSpan(((plane * size) + y) * width, width);
}
