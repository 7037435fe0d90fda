namespace Mlps.ML;

/// <summary>Reads a patch's files to see whether they can be read.</summary>
internal static class PatchCheck
{
    /// <summary>What is wrong with the patch's image or mask; null where nothing is.</summary>
    /// <exception cref="TissueDataException">The mask's palette contradicts the classes, which is no damage.</exception>
    public static string? Fault(TissuePatch patch, TissueClasses classes, (int Height, int Width) size)
    {
        try
        {
            ImageFile.Read(patch.ImagePath, size).Dispose();
            if (patch.MaskPath is { } mask)
            {
                PalettePng.ReadMask(mask, classes, size.Width, size.Height, new byte[size.Width * size.Height]);
            }

            return null;
        }
        catch (Exception exception) when (exception is TissueDataException { ContradictsClasses: false } or IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
