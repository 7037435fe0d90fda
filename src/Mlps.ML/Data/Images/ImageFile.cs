using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Mlps.ML.Png;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>Reads image files whole or not at all.</summary>
internal static class ImageFile
{
    private const string Remedy = "Write or copy the file again; it was truncated or damaged, or is no image.";
    private const int BytesPerPixel = 4;

    /// <summary>Decodes an image to Bgra32 with premultiplied alpha, as ML.NET does, in the orientation that its EXIF data give.</summary>
    /// <exception cref="TissueDataException">The file is missing, damaged, cut short, or no image.</exception>
    public static MLImage Read(string path)
    {
        using var file = PooledFile.Read(path);
        return Decode(file.Bytes, path, PngHeader.MaximumPixels);
    }

    /// <summary>Decodes the bytes of an image file likewise.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="maximumPixels">An image that says that it has more is refused before memory is taken for it.</param>
    /// <exception cref="TissueDataException">The bytes are none, damaged, cut short, or no image.</exception>
    public static unsafe MLImage Decode(ReadOnlySpan<byte> bytes, string name, long maximumPixels)
    {
        if (bytes.IsEmpty)
        {
            throw new TissueDataException(name, "There are no bytes.", Remedy);
        }

        if (bytes.StartsWith(PngHeader.Signature))
        {
            // Decoders pass over a missing end or a wrong checksum without a word.
            PngChunks.Check(bytes, name);
        }

        if (IsCameraRaw(bytes))
        {
            // SkiaSharp's reader of raw files trusts their counts: a TIFF of 50 KB that says that a field has 2^31 values keeps it busy for a minute.
            throw new TissueDataException(name, "The file is no image of a known format, but TIFF or a camera's raw file.", "Convert it to PNG; whole slides are read by Mlps.Slides.");
        }

        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = SKCodec.Create(data);

            // WBMP has no signature: a PNG whose first bytes are damaged can pass for one.
            if (codec is null || codec.EncodedFormat is SKEncodedImageFormat.Wbmp)
            {
                throw new TissueDataException(name, "The file is no image of a known format.", Remedy);
            }

            return Decode(codec, name, maximumPixels);
        }
    }

    /// <summary>Decodes an image that must have the size its header had when the dataset was opened.</summary>
    public static MLImage Read(string path, (int Height, int Width) size)
    {
        var image = Read(path);
        if ((image.Height, image.Width) != size)
        {
            using (image)
            {
                throw new TissueDataException(path, $"The image is {image.Width} x {image.Height} pixels, and was {size.Width} x {size.Height} when the dataset was opened.", "Open the dataset again.");
            }
        }

        return image;
    }

    /// <summary>Whether SkiaSharp would take the file for a camera's raw file: a TIFF or one of its relatives.</summary>
    private static bool IsCameraRaw(ReadOnlySpan<byte> bytes) => bytes.StartsWith("II"u8) || bytes.StartsWith("MM"u8) || bytes.StartsWith("FUJIFILM"u8);

    private static unsafe MLImage Decode(SKCodec codec, string path, long maximumPixels)
    {
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888, SKAlphaType.Premul);
        ImageLimit.Check(info.Width, info.Height, maximumPixels, path);

        using var pixels = new PixelMemory(info.Width * info.Height * BytesPerPixel);
        fixed (byte* target = pixels.Bytes)
        {
            var result = codec.GetPixels(info, (nint)target);
            if (result != SKCodecResult.Success)
            {
                throw new TissueDataException(path, $"The image cannot be decoded whole ({result}).", Remedy);
            }
        }

        var image = codec.EncodedOrigin is var origin && origin is SKEncodedOrigin.TopLeft
            ? MLImage.CreateFromPixels(info.Width, info.Height, MLPixelFormat.Bgra32, pixels.Bytes)
            : Turned(pixels.Bytes, info, origin);
        image.Tag = path;
        return image;
    }

    private static MLImage Turned(ReadOnlySpan<byte> pixels, SKImageInfo info, SKEncodedOrigin origin)
    {
        using var turned = new PixelMemory(pixels.Length);
        ImageOrientation.Apply(MemoryMarshal.Cast<byte, uint>(pixels), info.Width, info.Height, origin, MemoryMarshal.Cast<byte, uint>(turned.Bytes));
        var (width, height) = ImageOrientation.SwapsSides(origin) ? (info.Height, info.Width) : (info.Width, info.Height);
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, turned.Bytes);
    }
}
