using System.Buffers.Binary;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Damage;

/// <summary>Damages fields of a little-endian classic TIFF's directories, which point to everything else.</summary>
internal static class TiffDamage
{
    private const int EntryLength = 12;
    private const int MostChanges = 4;

    private static readonly uint[] _numbers = [0, 1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 64, 255, 256, 1000, 1 << 13, 32946, 65535, 65536, 1 << 20, 1 << 26, 1 << 28, int.MaxValue, 0x80000000, uint.MaxValue];

    public static byte[] Apply(Random random, byte[] original)
    {
        byte[] file = [.. original];
        var directories = Directories(file);
        if (directories.Count == 0)
        {
            return Mutation.Apply(random, file, file);
        }

        for (var i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            var directory = directories[random.Next(directories.Count)];
            var count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
            var entry = directory + 2 + (EntryLength * random.Next(count));
            var number = random.Next(4) == 0 ? (uint)(file.Length + random.Next(-8, 9)) : _numbers[random.Next(_numbers.Length)];
            switch (random.Next(10))
            {
                case 0:
                    BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry), (ushort)random.Next(254, 350));
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry + 2), (ushort)random.Next(20));
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 4), number);
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(directory + 2 + (EntryLength * count)), (uint)directories[random.Next(directories.Count)]);
                    break;
                case 4:
                    file[random.Next(file.Length)] = (byte)random.Next(256);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 8), number);
                    break;
            }
        }

        return file;
    }

    private static List<int> Directories(byte[] file)
    {
        var found = new List<int>();
        if (!file.AsSpan().StartsWith("II*\0"u8))
        {
            return found;
        }

        for (var at = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)); at > 0 && at < file.Length - 2 && !found.Contains(at);)
        {
            found.Add(at);
            at = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 2 + (EntryLength * BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)))));
        }

        return found;
    }
}
