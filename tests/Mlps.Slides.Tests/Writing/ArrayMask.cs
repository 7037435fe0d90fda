namespace Mlps.Slides.Tests;

/// <summary>A mask in memory.</summary>
internal sealed class ArrayMask(int width, int height, byte[] classes, byte[]? probability = null) : IMaskRows
{
    public int Width => width;

    public int Height => height;

    public byte[] Classes => classes;

    /// <summary>A mask of one letter a pixel: a digit is its class, a point is not looked at.</summary>
    public static ArrayMask Parse(params string[] rows) =>
        new(rows[0].Length, rows.Length, [.. rows.SelectMany(row => row.Select(letter => letter == '.' ? MaskValue.NotLookedAt : (byte)(letter - '0')))]);

    /// <summary>A mask by a rule.</summary>
    public static ArrayMask Create(int width, int height, Func<int, int, byte> rule)
    {
        var classes = new byte[width * height];
        for (var i = 0; i < classes.Length; i++)
        {
            classes[i] = rule(i % width, i / width);
        }

        return new(width, height, classes, [.. classes.Select((value, i) => (byte)(100 + (i % 100)))]);
    }

    /// <summary>Round regions of all classes, some without tissue, some with noise.</summary>
    public static ArrayMask Blobs(int width, int height, int seed, int classes, double noise = 0)
    {
        var random = new Random(seed);
        var centres = Enumerable.Range(0, 8 + (width * height / 600)).Select(_ => (X: random.Next(width), Y: random.Next(height), Radius: 2 + random.Next(Math.Max(3, width / 6)), Class: random.Next(-1, classes))).ToArray();
        return Create(width, height, (x, y) =>
        {
            if (random.NextDouble() < noise)
            {
                return (byte)random.Next(classes);
            }

            var hit = centres.LastOrDefault(centre => ((centre.X - x) * (centre.X - x)) + ((centre.Y - y) * (centre.Y - y)) <= centre.Radius * centre.Radius, (X: 0, Y: 0, Radius: 0, Class: -1));
            return hit.Class < 0 ? MaskValue.NotLookedAt : (byte)hit.Class;
        });
    }

    public void Read(int y, int count, Span<byte> target, Span<byte> targetProbability)
    {
        classes.AsSpan(y * width, count * width).CopyTo(target);
        if (targetProbability.IsEmpty)
        {
            return;
        }

        if (probability is null)
        {
            targetProbability.Fill(byte.MaxValue);
        }
        else
        {
            probability.AsSpan(y * width, count * width).CopyTo(targetProbability);
        }
    }
}
