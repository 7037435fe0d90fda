using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>MXNet parameter files written by hand, with each of the four headers.</summary>
internal static class MxNetBytes
{
    public const uint V1 = 0xF993FAC8;
    public const uint V2 = 0xF993FAC9;
    public const uint V3 = 0xF993FACA;

    public static byte[] List(params (string Name, byte[] Array)[] arrays)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(0x112UL);
        writer.Write(0UL);
        writer.Write((ulong)arrays.Length);
        foreach ((_, var array) in arrays)
        {
            writer.Write(array);
        }

        writer.Write((ulong)arrays.Length);
        foreach ((var name, _) in arrays)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            writer.Write((ulong)utf8.Length);
            writer.Write(utf8);
        }

        return stream.ToArray();
    }

    /// <summary>One array; a magic of 0 writes the header before V1.</summary>
    public static byte[] Array(uint magic, long[] shape, int type, byte[] values, int storage = 0, int? dimensions = null)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        if (magic != 0)
        {
            writer.Write(magic);
        }

        if (magic is V2 or V3)
        {
            writer.Write(storage);
        }

        writer.Write(dimensions ?? shape.Length);
        foreach (var size in shape)
        {
            if (magic == 0)
            {
                writer.Write((uint)size);
            }
            else
            {
                writer.Write(size);
            }
        }

        if (dimensions is null && (shape.Length > 0 || magic == V3))
        {
            writer.Write(1);
            writer.Write(0);
            writer.Write(type);
            writer.Write(values);
        }

        return stream.ToArray();
    }
}
