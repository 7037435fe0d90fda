using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Mlps.Torch.Training.Checkpoints;

/// <summary>Tells whether two networks hold the same weights.</summary>
internal static class WeightDigest
{
    /// <summary>SHA-256 over names, shapes and values of a network's parameters and buffers, as hexadecimal digits.</summary>
    public static string Compute(nn.Module network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, weight) in network.state_dict())
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {weight.dtype} [{string.Join(", ", weight.shape)}]"));
            hash.AppendData(weight.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
