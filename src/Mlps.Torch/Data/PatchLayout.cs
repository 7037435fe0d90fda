namespace Mlps.Torch.Data;

/// <summary>The shape of every patch in a <see cref="PatchStore"/>.</summary>
/// <param name="Height">H, in pixels.</param>
/// <param name="Width">W, in pixels.</param>
/// <param name="ClassCount">C, the length of a patch label; 0 where patches have none.</param>
/// <param name="MaskCount">Masks [H, W] kept with each image: pseudo masks, or the truth.</param>
internal readonly record struct PatchLayout(int Height, int Width, int ClassCount, int MaskCount)
{
    private const int ColorChannels = 3;

    /// <summary>Pixels of a patch.</summary>
    public int PixelCount => checked(Height * Width);

    /// <summary>Bytes of an image [3, H, W].</summary>
    public int ImageBytes => checked(ColorChannels * PixelCount);

    /// <summary>Bytes of a patch: image, label, masks.</summary>
    public int PatchBytes => checked(ImageBytes + ClassCount + (MaskCount * PixelCount));

    internal Range Image => ..ImageBytes;

    internal Range Label => ImageBytes..(ImageBytes + ClassCount);

    internal Range Mask(int index)
    {
        var start = ImageBytes + ClassCount + (index * PixelCount);
        return start..(start + PixelCount);
    }
}
