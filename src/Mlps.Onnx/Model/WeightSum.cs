using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Mlps.Torch.Weights.Onnx;

namespace Mlps.Onnx.Model;

/// <summary>A checksum of a graph's constants, which other programs keep when they read and write a file.</summary>
internal static class WeightSum
{
    /// <summary>SHA-256 of names, types, sizes and values in the order of the file, in lower-case hexadecimal digits.</summary>
    public static string Of(GraphProto graph)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var constant in graph.Initializer)
        {
            sum.AppendData(Encoding.UTF8.GetBytes(constant.Name));
            long[] shape = [constant.DataType, .. constant.Dims];
            sum.AppendData(MemoryMarshal.AsBytes<long>(shape));
            sum.AppendData(constant.RawData.Span);
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }
}
