using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Decodes the images of the rows that follow, on several threads, as soon as a cursor reads the image of one row after another.</summary>
/// <param name="rows">How many rows there are.</param>
/// <param name="decode">Decodes the image of a row; called from several threads at once.</param>
internal sealed class ImagesAhead(int rows, Func<int, MLImage> decode) : IDisposable
{
    /// <summary>Images ahead, at most: enough that a thread which has to wait for a processor keeps none of the others waiting.</summary>
    private const int MostImages = 16;

    /// <summary>Bytes of the images ahead, at most; one is decoded ahead however large it is.</summary>
    private const long MostBytes = 64 << 20;

    private const int BytesPerPixel = 4;

    private readonly bool _isAllowed = WorkAhead.IsAllowed;
    private readonly Queue<Decoding> _ahead = new();
    private int _latest = -1;
    private int _count;

    /// <summary>The image of a row, which is the caller's from now on; later calls ask for later rows.</summary>
    /// <exception cref="TissueDataException">It cannot be read.</exception>
    public MLImage Take(int row)
    {
        DropBefore(row);
        var decoding = _ahead.TryPeek(out var first) && first.Row == row ? _ahead.Dequeue() : new Decoding(row, decode);
        if (_isAllowed && row == _latest + 1 && row > 0)
        {
            Begin(row + 1);
        }

        _latest = row;
        var image = Finish(decoding);
        _count = (int)Math.Clamp(MostBytes / Math.Max(1L, (long)image.Width * image.Height * BytesPerPixel), 1, MostImages);
        return image;
    }

    /// <summary>Returns when nothing is decoded any more.</summary>
    public void Dispose() => DropBefore(int.MaxValue);

    private void Begin(int next)
    {
        for (var row = next + _ahead.Count; row < rows && _ahead.Count < _count; row++)
        {
            var decoding = new Decoding(row, decode);
            _ahead.Enqueue(decoding);
            decoding.Begin();
        }
    }

    /// <summary>Decodes later images as long as another thread decodes this one.</summary>
    private MLImage Finish(Decoding decoding)
    {
        decoding.TryRun();
        foreach (var later in _ahead)
        {
            if (decoding.HasEnded)
            {
                break;
            }

            later.TryRun();
        }

        return decoding.Take();
    }

    private void DropBefore(int row)
    {
        while (_ahead.TryPeek(out var first) && first.Row < row)
        {
            _ahead.Dequeue().Dispose();
        }
    }

    private sealed class Decoding : IDisposable
    {
        private readonly WorkAhead _work;
        private MLImage? _image;

        public Decoding(int row, Func<int, MLImage> decode)
        {
            Row = row;
            _work = new WorkAhead(() => _image = decode(row));
        }

        public int Row { get; }

        public void Begin() => _work.Begin();

        public bool HasEnded => _work.HasEnded;

        public bool TryRun() => _work.TryRun();

        public MLImage Take()
        {
            _work.Finish();
            return _image!;
        }

        public void Dispose()
        {
            _work.Drop();
            _image?.Dispose();
        }
    }
}
