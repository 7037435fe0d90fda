using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Safetensors files written by hand, so that the reader is tested against the format and not against our writer.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Create(string header, params byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        return file;
    }
}
