using System.Buffers.Binary;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Damage;

/// <summary>Damages the segments of a JPEG, whose lengths are repaired, and the compressed samples behind them.</summary>
internal static class JpegDamage
{
    private const byte Marker = 0xFF;
    private const byte StartOfScan = 0xDA;
    private const int MostChanges = 3;

    private static readonly ushort[] _sizes = [0, 1, 2, 7, 8, 9, 100, 1000, 1400, 16000, 65500, 65535];

    public static byte[] Apply(Random random, byte[] file)
    {
        var segments = new List<(byte Type, byte[] Content)>();
        var at = 2;
        while (at + 4 <= file.Length && file[at] == Marker)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            segments.Add((file[at + 1], file[(at + 4)..(at + 2 + length)]));
            at += 2 + length;
            if (segments[^1].Type == StartOfScan)
            {
                break;
            }
        }

        var samples = file[at..];
        for (var i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            samples = Change(random, segments, samples);
        }

        return [.. file[..2], .. segments.SelectMany(segment => Segment(segment.Type, segment.Content)), .. samples];
    }

    private static byte[] Change(Random random, List<(byte Type, byte[] Content)> segments, byte[] samples)
    {
        if (segments.Count == 0)
        {
            return samples;
        }

        var at = random.Next(segments.Count);
        var (type, content) = segments[at];
        switch (random.Next(8))
        {
            case 0:
                segments.RemoveAt(at);
                break;
            case 1:
                segments.Insert(random.Next(segments.Count), segments[at]);
                break;
            case 2:
                segments[at] = ((byte)random.Next(0xC0, 0x100), content);
                break;
            case 3 when segments.FindIndex(segment => segment.Type is >= 0xC0 and <= 0xC2 && segment.Content.Length > 5) is >= 0 and var frame:
                byte[] changed = [.. segments[frame].Content];
                BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(1 + (2 * random.Next(2))), _sizes[random.Next(_sizes.Length)]);
                segments[frame] = (segments[frame].Type, changed);
                break;
            case 4 or 5 when samples.Length > 0:
                return Mutation.Apply(random, samples, samples);
            default:
                if (content.Length > 0)
                {
                    var damaged = Mutation.Apply(random, content, content);
                    segments[at] = (type, damaged[..Math.Min(damaged.Length, ushort.MaxValue - 2)]);
                }

                break;
        }

        return samples;
    }

    private static byte[] Segment(byte type, byte[] content) => [Marker, type, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
}
