using System.Buffers;

namespace Mlps.ML;

/// <summary>The whole of a file in a pooled array; dispose it once.</summary>
internal readonly struct PooledFile : IDisposable
{
    private PooledFile(byte[] array, int length)
    {
        Array = array;
        Length = length;
    }

    /// <summary>At least as long as the file.</summary>
    public byte[] Array { get; }

    public int Length { get; }

    public Span<byte> Bytes => Array.AsSpan(0, Length);

    /// <exception cref="TissueDataException">The file cannot be read or is larger than an array.</exception>
    public static PooledFile Read(string path)
    {
        FileStatus.RequireNotSpecial(path);
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > System.Array.MaxLength)
            {
                throw new TissueDataException(path, $"The file has {length} bytes, and at most {System.Array.MaxLength} can be read.", "Cut the image into smaller ones.");
            }

            var array = ArrayPool<byte>.Shared.Rent((int)length);
            var filled = 0;
            while (filled < length && RandomAccess.Read(file, array.AsSpan(filled, (int)length - filled), filled) is > 0 and var read)
            {
                filled += read;
            }

            return new PooledFile(array, filled);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"The file cannot be read: {exception.Message}", "Check that it exists and may be read.", exception);
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Array);
}
