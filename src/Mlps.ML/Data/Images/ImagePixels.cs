using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Turns ML.NET's images into what networks take.</summary>
internal static class ImagePixels
{
    private const int Channels = 3;
    private const int BytesPerPixel = 4;

    /// <summary>Copies an image into planes [3, H, W], red first; transparent pixels are laid on white, the colour of a slide without tissue.</summary>
    /// <exception cref="ArgumentException"><paramref name="planes"/> is not of that length.</exception>
    /// <exception cref="NotSupportedException">The image has a pixel format other than Rgba32 and Bgra32.</exception>
    public static void CopyRgb(MLImage image, Span<byte> planes)
    {
        ArgumentNullException.ThrowIfNull(image);
        var pixels = image.Pixels;
        var count = image.Width * image.Height;
        if (planes.Length != Channels * count)
        {
            throw new ArgumentException($"An image of {image.Width} x {image.Height} pixels fills {Channels * count} bytes; there are {planes.Length}.", nameof(planes));
        }

        var (red, blue) = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => (0, 2),
            MLPixelFormat.Bgra32 => (2, 0),
            _ => throw new NotSupportedException($"Images of pixel format {image.PixelFormat} are not supported; expected Rgba32 or Bgra32."),
        };
        var redPlane = planes[..count];
        var greenPlane = planes.Slice(count, count);
        var bluePlane = planes.Slice(2 * count, count);
        for (var i = OpaqueStart(pixels, planes, count, red); i < count; i++)
        {
            var at = i * BytesPerPixel;
            var alpha = pixels[at + 3];
            redPlane[i] = LayOnWhite(pixels[at + red], alpha);
            greenPlane[i] = LayOnWhite(pixels[at + 1], alpha);
            bluePlane[i] = LayOnWhite(pixels[at + blue], alpha);
        }
    }

    /// <summary>A channel of a pixel of an ML.NET image as it looks on white.</summary>
    /// <remarks>Colours are already multiplied by alpha, so what white adds is the rest of alpha.</remarks>
    public static byte LayOnWhite(byte color, byte alpha) => (byte)Math.Min(color + byte.MaxValue - alpha, byte.MaxValue);

    /// <summary>Copies pixels from the front, sixteen at a time, as long as they are opaque; returns how many.</summary>
    private static int OpaqueStart(ReadOnlySpan<byte> pixels, Span<byte> planes, int count, int red)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return 0;
        }

        // Four pixels' bytes, channel by channel.
        var byChannel = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var target = ref MemoryMarshal.GetReference(planes);
        var done = 0;
        for (; done <= count - Vector128<byte>.Count; done += Vector128<byte>.Count)
        {
            var at = (nuint)(done * BytesPerPixel);
            var first = Four(ref source, at, byChannel);
            var second = Four(ref source, at + 16, byChannel);
            var third = Four(ref source, at + 32, byChannel);
            var fourth = Four(ref source, at + 48, byChannel);
            if ((first & second & third & fourth)[3] != uint.MaxValue)
            {
                break;
            }

            Channel(0).AsByte().StoreUnsafe(ref target, (nuint)(done + (red == 0 ? 0 : 2 * count)));
            Channel(1).AsByte().StoreUnsafe(ref target, (nuint)(done + count));
            Channel(2).AsByte().StoreUnsafe(ref target, (nuint)(done + (red == 0 ? 2 * count : 0)));

            Vector128<uint> Channel(int channel) => Vector128.Create(first[channel], second[channel], third[channel], fourth[channel]);
        }

        return done;
    }

    private static Vector128<uint> Four(ref byte source, nuint at, Vector128<byte> order) => Vector128.Shuffle(Vector128.LoadUnsafe(ref source, at), order).AsUInt32();

    /// <summary>An image's planes [3, H, W].</summary>
    public static byte[] ToRgb(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var planes = new byte[Channels * image.Width * image.Height];
        CopyRgb(image, planes);
        return planes;
    }
}
