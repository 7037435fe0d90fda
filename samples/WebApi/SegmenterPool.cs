using Mlps.Onnx;

namespace Mlps.Samples.WebApi;

/// <summary>One model for all requests, of which as many are computed at once as there are cores; the others wait.</summary>
/// <remarks>A model may be used by several threads: weights are in memory once, and each request computes on one thread.</remarks>
public sealed class SegmenterPool(string model) : IDisposable
{
    /// <summary>Requests that may be there, computed or waiting or still being sent, before further ones are refused.</summary>
    public const int MostRequests = 200;

    private readonly OnnxSegmenter _segmenter = OnnxSegmenter.Load(model, new OnnxSegmenterOptions { Threads = 1 });
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);
    private int _present;

    /// <summary>The tissues, in the order of their indices in masks.</summary>
    public IReadOnlyList<OnnxTissue> Tissues => _segmenter.Tissues;

    /// <summary>The mask of an image as a palette PNG.</summary>
    /// <param name="body">An image file, which is read only if there is room for one more request.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="UnusableImageException">The file is no image, or damaged, or too large; or there are too many requests.</exception>
    public async Task<byte[]> PredictAsync(Stream body, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(body);
        try
        {
            if (Interlocked.Increment(ref _present) > MostRequests)
            {
                throw new UnusableImageException(StatusCodes.Status503ServiceUnavailable, "Too many requests are waiting; try again later.");
            }

            using var file = new MemoryStream();
            await body.CopyToAsync(file, stop);
            await _free.WaitAsync(stop);
            try
            {
                // Decoded only now, so that waiting requests hold files and not pixels.
                using var image = UploadedImage.Decode(file);
                return _segmenter.Predict(image).ToPng();
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _present);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _segmenter.Dispose();
        _free.Dispose();
    }
}
