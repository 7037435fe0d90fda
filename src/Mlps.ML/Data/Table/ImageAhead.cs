using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Reads a row's image before the row is given, so that rows with unreadable images can be left out.</summary>
/// <param name="read">Reads the image of a row.</param>
/// <param name="damaged">Told of each image that cannot be read.</param>
internal sealed class ImageAhead(Func<int, MLImage> read, Action<DamagedPatch> damaged) : IDisposable
{
    private MLImage? _image;
    private int _row = -1;

    /// <summary>Whether the image of a row can be read; it is kept for <see cref="Take"/>.</summary>
    public bool TryRead(int row, TissuePatch patch)
    {
        Dispose();
        try
        {
            _image = read(row);
            _row = row;
            return true;
        }
        catch (TissueDataException exception) when (!exception.ContradictsClasses)
        {
            damaged(new DamagedPatch(patch, exception.Message));
            return false;
        }
    }

    /// <summary>The image of a row, which is the caller's from now on; read again where it was taken before.</summary>
    public MLImage Take(int row)
    {
        if (_image is not { } image || row != _row)
        {
            return read(row);
        }

        _image = null;
        return image;
    }

    public void Dispose()
    {
        _image?.Dispose();
        (_image, _row) = (null, -1);
    }
}
