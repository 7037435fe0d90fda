using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Reads a row's image before the row is given, so that rows with unreadable images can be left out.</summary>
/// <param name="damaged">Told of each image that cannot be read.</param>
internal sealed class ImageAhead(Action<DamagedPatch> damaged) : IDisposable
{
    private MLImage? _image;
    private TissuePatch? _patch;

    /// <summary>Whether the patch's image can be read; it is kept for <see cref="Take"/>.</summary>
    public bool TryRead(TissuePatch patch)
    {
        Dispose();
        try
        {
            _image = ImageFile.Read(patch.ImagePath);
            _patch = patch;
            return true;
        }
        catch (TissueDataException exception) when (!exception.ContradictsClasses)
        {
            damaged(new DamagedPatch(patch, exception.Message));
            return false;
        }
    }

    /// <summary>The patch's image, which is the caller's from now on; read again where it was taken before.</summary>
    public MLImage Take(TissuePatch patch)
    {
        if (_image is not { } image || !ReferenceEquals(patch, _patch))
        {
            return ImageFile.Read(patch.ImagePath);
        }

        (_image, _patch) = (null, null);
        return image;
    }

    public void Dispose()
    {
        _image?.Dispose();
        (_image, _patch) = (null, null);
    }
}
