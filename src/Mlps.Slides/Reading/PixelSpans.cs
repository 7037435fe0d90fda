namespace Mlps.Slides;

/// <summary>The parts of a line of pixels that the pixels of a shorter line cover.</summary>
internal sealed class PixelSpans
{
    private const int RgbBytes = SourceLevel.RgbBytes;

    private readonly double[] _borders;
    private readonly Span[] _spans;

    /// <param name="start">Where the first new pixel begins.</param>
    /// <param name="scale">Pixels along a new pixel.</param>
    /// <param name="count">How many new pixels.</param>
    public PixelSpans(double start, double scale, int count)
    {
        _borders = new double[count + 1];
        for (var i = 0; i <= count; i++)
        {
            var position = start + (i * scale);
            var whole = Math.Round(position);
            _borders[i] = Math.Abs(position - whole) < Resampling.Noise ? whole : position;
        }

        Start = (long)Math.Floor(_borders[0]);
        End = (long)Math.Ceiling(_borders[count]);
        _spans = new Span[count];
        for (var i = 0; i < count; i++)
        {
            _spans[i] = SpanOf(_borders[i], _borders[i + 1]);
        }
    }

    public int Count => _spans.Length;

    /// <summary>The first pixel that is needed.</summary>
    public long Start { get; }

    /// <summary>The pixel after the last that is needed.</summary>
    public long End { get; }

    /// <summary>Where a new pixel begins and ends.</summary>
    public (double From, double To) this[int index] => (_borders[index], _borders[index + 1]);

    /// <summary>The mean over each new pixel of a line that begins at <see cref="Start"/>.</summary>
    public void Mean(ReadOnlySpan<byte> line, Span<float> means)
    {
        var to = 0;
        foreach (ref readonly var span in _spans.AsSpan())
        {
            var at = span.First * RgbBytes;
            var (red, green, blue) = (span.FirstWeight * line[at], span.FirstWeight * line[at + 1], span.FirstWeight * line[at + 2]);
            if (span.Last > span.First)
            {
                var (redSum, greenSum, blueSum) = (0, 0, 0);
                var last = span.Last * RgbBytes;
                for (at += RgbBytes; at < last; at += RgbBytes)
                {
                    redSum += line[at];
                    greenSum += line[at + 1];
                    blueSum += line[at + 2];
                }

                red += (span.InnerWeight * redSum) + (span.LastWeight * line[at]);
                green += (span.InnerWeight * greenSum) + (span.LastWeight * line[at + 1]);
                blue += (span.InnerWeight * blueSum) + (span.LastWeight * line[at + 2]);
            }

            means[to] = red;
            means[to + 1] = green;
            means[to + 2] = blue;
            to += RgbBytes;
        }
    }

    private Span SpanOf(double from, double to)
    {
        var (first, last) = ((long)Math.Floor(from), (long)Math.Ceiling(to) - 1);
        var share = 1 / (to - from);
        return new Span(
            (int)(first - Start),
            (int)(last - Start),
            (float)((Math.Min(to, first + 1) - from) * share),
            (float)share,
            (float)((to - last) * share));
    }

    /// <summary>Pixels that a new one covers, and how much the first, the inner ones and the last count.</summary>
    private readonly record struct Span(int First, int Last, float FirstWeight, float InnerWeight, float LastWeight);
}
