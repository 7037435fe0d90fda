using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>The image that a getter of another table returned last, which is disposed only where it is nobody else's.</summary>
/// <remarks>
/// ML.NET does not define who owns the image that a getter returns. Where the table does not say that it gives its images away, the image is ours only once the getter
/// has been seen to dispose what it is handed back, which a table in memory never does.
/// </remarks>
internal sealed class UpstreamImage(bool isOurs) : IDisposable
{
    private MLImage? _image;
    private bool _isOurs = isOurs;

    /// <summary>Images of a row.</summary>
    public static UpstreamImage Of(DataViewRow row) => new(row is IGivesImagesAway { GivesImagesAway: true });

    /// <summary>The image of the row that the getter is on, or null; it is valid until the next one is read.</summary>
    public MLImage? Read(ValueGetter<MLImage?> source)
    {
        var before = _image;

        // Its user may have disposed it himself, which says nothing of the getter.
        var wasAlive = before is not null && !IsDisposed(before);
        source(ref _image);
        if (wasAlive && !ReferenceEquals(before, _image))
        {
            if (_isOurs)
            {
                before!.Dispose();
            }
            else
            {
                _isOurs = IsDisposed(before!);
            }
        }

        return _image;
    }

    public void Dispose()
    {
        if (_isOurs)
        {
            _image?.Dispose();
        }

        _image = null;
    }

    private static bool IsDisposed(MLImage image)
    {
        try
        {
            return image.Width < 0;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
