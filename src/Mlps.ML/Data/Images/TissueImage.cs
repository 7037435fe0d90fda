using System.Buffers;
using Microsoft.ML.Data;
using Mlps.ML.Png;

namespace Mlps.ML;

/// <summary>Images from bytes that somebody sent: decoded whole, or refused with a message that says what was wrong with them.</summary>
/// <remarks>
/// PNG, JPEG, BMP, WebP and the other formats of SkiaSharp but camera raw files and WBMP are read, by their contents and not by a name. ML.NET's own <c>MLImage.CreateFromStream</c> passes over missing ends and wrong checksums, and says of any other fault only that
/// an argument was invalid.
/// </remarks>
public static class TissueImage
{
    /// <summary>Pixels that an image may have unless a caller says otherwise: 2^28, a square of 16,384.</summary>
    /// <remarks>An image that does not fit the memory there is, at 128 bytes a pixel, is refused in any case.</remarks>
    public const long DefaultMaximumPixels = PngHeader.MaximumPixels;

    /// <summary>Bytes that a stream may give unless a caller says otherwise: 64 MiB.</summary>
    public const long DefaultMaximumBytes = 64L << 20;

    private const string Name = "The image";
    private const int FirstLength = 1 << 16;

    /// <summary>Decodes the bytes of an image file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it; null for "The image".</param>
    /// <param name="maximumPixels">An image that says that it has more is refused before memory is taken for it; at least 1.</param>
    /// <returns>The image, which is the caller's to dispose.</returns>
    /// <exception cref="TissueDataException">The bytes are none, damaged, cut short, no image, or one of too many pixels.</exception>
    public static MLImage FromBytes(ReadOnlySpan<byte> bytes, string? name = null, long maximumPixels = DefaultMaximumPixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumPixels, 1);
        return ImageFile.Decode(bytes, name ?? Name, Math.Min(maximumPixels, DefaultMaximumPixels));
    }

    /// <summary>Reads a stream to its end, the body of a request say, and decodes it.</summary>
    /// <param name="stream">The stream, which stays open. It need not be able to seek.</param>
    /// <param name="name">What messages call it; null for "The image".</param>
    /// <param name="maximumBytes">Reading stops and fails as soon as there are more; at least 1.</param>
    /// <param name="maximumPixels">An image that says that it has more is refused before memory is taken for it; at least 1.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The image, which is the caller's to dispose.</returns>
    /// <exception cref="TissueDataException">The bytes are none, too many, damaged, cut short, no image, or one of too many pixels.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static async Task<MLImage> FromStreamAsync(
        Stream stream, string? name = null, long maximumBytes = DefaultMaximumBytes, long maximumPixels = DefaultMaximumPixels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumPixels, 1);
        var limit = (int)Math.Min(maximumBytes, Array.MaxLength);
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Min(limit, FirstLength));
        try
        {
            var length = 0;
            while (true)
            {
                if (length == bytes.Length)
                {
                    bytes = Grow(bytes, limit);
                }

                // One byte beyond the limit tells a body that is too long from one that fills it.
                var read = await stream.ReadAsync(bytes.AsMemory(length, Math.Min(bytes.Length - length, limit - length + 1)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return FromBytes(bytes.AsSpan(0, length), name, maximumPixels);
                }

                length += read;
                if (length > limit)
                {
                    throw new TissueDataException(name ?? Name, $"There are more than {limit} bytes.", "Send a smaller image, or allow more bytes.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static byte[] Grow(byte[] bytes, int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(2L * bytes.Length, FirstLength), Math.Min(limit + 1L, Array.MaxLength)));
        bytes.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(bytes);
        return larger;
    }
}
