using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Weights that need no file: a function of a tensor's name and an element's index alone.</summary>
internal static class ProceduralWeights
{
    /// <summary>24 hashed bits.</summary>
    public static uint Hash24(string name, ulong index)
    {
        var z = ((ulong)Crc32(Encoding.UTF8.GetBytes(name)) << 32) + index + 0x9E3779B97F4A7C15;
        return Finish(z);
    }

    /// <summary>The values of a tensor by its state-dict name, row-major.</summary>
    public static float[] Values(string name, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var size in shape)
        {
            count *= size;
        }

        var scale = Scale(name, shape);
        var seed = ((ulong)Crc32(Encoding.UTF8.GetBytes(name)) << 32) + 0x9E3779B97F4A7C15;
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var unit = (Finish(seed + (ulong)i) * Math.ScaleB(1, -23)) - 1;
            values[i] = (float)scale(unit);
        }

        return values;
    }

    private static Func<double, double> Scale(string name, ReadOnlySpan<long> shape)
    {
        if (shape.Length == 4)
        {
            var bound = Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3]));
            return unit => unit * bound;
        }

        if (name.EndsWith(".bn3.weight", StringComparison.Ordinal))
        {
            return unit => 0.25 + (0.0625 * unit);
        }

        return name.EndsWith(".weight", StringComparison.Ordinal) || name.EndsWith(".running_var", StringComparison.Ordinal)
            ? unit => 1 + (0.25 * unit)
            : unit => 0.1 * unit;
    }

    private static uint Finish(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (uint)(z >> 40);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
