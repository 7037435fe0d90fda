using Microsoft.ML.Data;
using SkiaSharp;

namespace Mlps.Samples.WebApi;

/// <summary>Images that somebody sent: decoded whole, or refused.</summary>
internal static class UploadedImage
{
    private const long MaximumPixels = 4096L * 4096;

    /// <summary>Decodes a PNG, JPEG, BMP or WebP file.</summary>
    /// <exception cref="UnusableImageException">It is none, or damaged, or too large.</exception>
    public static MLImage Decode(MemoryStream file)
    {
        using var data = SKData.CreateCopy(file.GetBuffer().AsSpan(0, (int)file.Length));
        using var codec = SKCodec.Create(data) ?? throw new UnusableImageException(StatusCodes.Status400BadRequest, "The request's body is no image; send the bytes of a PNG, JPEG, BMP or WebP file.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaximumPixels)
        {
            throw new UnusableImageException(StatusCodes.Status413PayloadTooLarge, $"The image has {width} x {height} pixels, and {MaximumPixels} are the most.");
        }

        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul));
        return codec.GetPixels(bitmap.Info, bitmap.GetPixels()) is SKCodecResult.Success
            ? MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan())
            : throw new UnusableImageException(StatusCodes.Status400BadRequest, "The image is damaged or cut short.");
    }
}
