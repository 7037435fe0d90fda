using System.Buffers;
using System.Security.Cryptography;
using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.Torch.Training.Checkpoints;

/// <summary>The SHA-256 sum of a checkpoint, which stands in it as its last tensor.</summary>
/// <remarks>It is the sum of the whole file, header included, with zeros in the sum's own place. Tensors of one byte an element come last in safetensors files, and a checkpoint has no others, so the sum is the last 32 bytes.</remarks>
internal static class CheckpointSum
{
    /// <summary>Name of the tensor.</summary>
    public const string Name = "sha256";

    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes a checkpoint: beside the old one, whose name it takes once it is whole.</summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var empty = zeros(SHA256.HashSizeInBytes, ScalarType.Byte, CPU);
        AtomicFile.Write(path, stream =>
        {
            using var sha = SHA256.Create();
            using (var hashed = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true))
            {
                SafetensorsWriter.Write(hashed, tensors.Append((Name, empty)), metadata);
            }

            stream.Seek(-SHA256.HashSizeInBytes, SeekOrigin.End);
            stream.Write(sha.Hash);
        });
    }

    /// <summary>Whether the file's bytes are those that were written.</summary>
    public static bool IsRight(string path)
    {
        using var file = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left = file.Length - SHA256.HashSizeInBytes;
        if (left < 0)
        {
            return false;
        }

        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var read = 1; left > 0 && read > 0; left -= read)
            {
                read = file.Read(chunk, 0, (int)Math.Min(left, chunk.Length));
                hash.AppendData(chunk, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        Span<byte> kept = stackalloc byte[SHA256.HashSizeInBytes];
        if (left > 0 || file.ReadAtLeast(kept, kept.Length, throwOnEndOfStream: false) < kept.Length)
        {
            return false;
        }

        hash.AppendData(new byte[SHA256.HashSizeInBytes]);
        return kept.SequenceEqual(hash.GetHashAndReset());
    }
}
