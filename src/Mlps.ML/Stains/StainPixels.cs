using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>The pixels of an image, laid on white where they are transparent, to be changed in place.</summary>
internal sealed class StainPixels : IDisposable
{
    public const int BytesPerPixel = 4;

    private readonly MLPixelFormat _format;
    private readonly string? _tag;
    private readonly PixelMemory _memory;

    /// <param name="image">The image, which stays the caller's.</param>
    /// <exception cref="NotSupportedException">The image has a pixel format other than Rgba32 and Bgra32.</exception>
    public StainPixels(MLImage image)
    {
        (Red, Blue) = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => (0, 2),
            MLPixelFormat.Bgra32 => (2, 0),
            _ => throw new NotSupportedException($"Images of pixel format {image.PixelFormat} are not supported; expected Rgba32 or Bgra32."),
        };
        (Width, Height, _format, _tag) = (image.Width, image.Height, image.PixelFormat, image.Tag);
        var pixels = image.Pixels;
        _memory = new PixelMemory(Width * Height * BytesPerPixel);
        pixels.CopyTo(_memory.Bytes);
        LayOnWhite(_memory.Bytes);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Place of red among the four bytes of a pixel; green is the second.</summary>
    public int Red { get; }

    /// <summary>Place of blue among the four bytes of a pixel.</summary>
    public int Blue { get; }

    /// <summary>Four bytes a pixel, row by row; the fourth is 255.</summary>
    public Span<byte> Bytes => _memory.Bytes;

    /// <summary>A new image of the pixels as they are now, in the format of the first; it belongs to the caller.</summary>
    public MLImage ToImage()
    {
        var image = MLImage.CreateFromPixels(Width, Height, _format, Bytes);
        image.Tag = _tag;
        return image;
    }

    public void Dispose() => _memory.Dispose();

    private static void LayOnWhite(Span<byte> bytes)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(bytes);
        for (var pixel = 0; pixel < pixels.Length; pixel++)
        {
            if (bytes[(pixel * BytesPerPixel) + 3] is var alpha && alpha == byte.MaxValue)
            {
                continue;
            }

            var four = bytes.Slice(pixel * BytesPerPixel, BytesPerPixel);
            for (var channel = 0; channel < 3; channel++)
            {
                four[channel] = ImagePixels.LayOnWhite(four[channel], alpha);
            }

            four[3] = byte.MaxValue;
        }
    }
}
