using System.Buffers.Binary;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Damage;

/// <summary>Damages the header of a safetensors file, whose length is repaired, or single values of its tensors.</summary>
internal static class SafetensorsDamage
{
    private const int MostValues = 4;

    private static readonly float[] _values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, 0, 1e20f, -1e10f];

    /// <param name="random">The case's random numbers.</param>
    /// <param name="file">The sound file.</param>
    /// <param name="tail">Bytes at the end that stay as they are.</param>
    /// <param name="onHeader">Another way to damage the header.</param>
    public static byte[] Apply(Random random, byte[] file, int tail = 0, Func<byte[], byte[]>? onHeader = null)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        var header = file.AsSpan(sizeof(long), length).ToArray();
        var data = file.AsSpan(sizeof(long) + length).ToArray();
        switch (random.Next(4))
        {
            case 0:
                Values(random, data.AsSpan(..^tail));
                break;
            case 1 when onHeader is not null:
                header = onHeader(header);
                break;
            case 2 when tail == 0:
                return Mutation.Apply(random, file, file);
            default:
                header = JsonDamage.Apply(random, header);
                break;
        }

        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. data];
    }

    private static void Values(Random random, Span<byte> data)
    {
        for (var i = random.Next(1, MostValues + 1); i > 0; i--)
        {
            var at = random.Next(data.Length / sizeof(float)) * sizeof(float);
            if (random.Next(2) == 0)
            {
                BinaryPrimitives.WriteSingleLittleEndian(data[at..], _values[random.Next(_values.Length)]);
            }
            else
            {
                data[at + random.Next(sizeof(float))] ^= (byte)(1 << random.Next(8));
            }
        }
    }
}
