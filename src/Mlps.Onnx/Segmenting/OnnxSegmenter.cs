using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Onnx.Model;
using Mlps.Onnx.Scoring;
using Mlps.Torch.Inference;

namespace Mlps.Onnx;

/// <summary>Segments images of any size with an exported model on ONNX Runtime; safe to use from several threads.</summary>
/// <remarks>
/// It predicts as the library does with the model itself: in the same windows and views, behind the same gate, with the same marking of background. A file that was exported for one size serves all sizes here.
/// </remarks>
public sealed class OnnxSegmenter : IDisposable
{
    private const int Channels = 3;

    /// <summary>The library's own limit for one pass over an image.</summary>
    private static readonly (int Height, int Width) _wholeLimit = (1024, 1024);

    private readonly ReaderWriterLockSlim _lifetime = new(LockRecursionPolicy.SupportsRecursion);
    private readonly GraphSession _classifier;
    private readonly GraphSession _segmenter;
    private readonly ModelFacts _facts;
    private readonly OnnxSegmenterOptions _options;
    private readonly OnnxTissue[] _palette;
    private bool _isDisposed;

    private OnnxSegmenter(GraphSession classifier, GraphSession segmenter, ModelFacts facts, OnnxSegmenterOptions options)
    {
        (_classifier, _segmenter, _facts, _options) = (classifier, segmenter, facts, options);
        _palette = [.. facts.Tissues, facts.Background ?? new("background", byte.MaxValue, byte.MaxValue, byte.MaxValue)];
    }

    /// <summary>The C tissues, in the order of their indices in masks.</summary>
    public IReadOnlyList<OnnxTissue> Tissues => _facts.Tissues;

    /// <summary>White background, which has index C in masks; null where tissue covers everything.</summary>
    public OnnxTissue? Background => _facts.Background;

    /// <summary>The size in µm of the pixels that the model was trained on; null where nobody said.</summary>
    public double? MicronsPerPixel => _facts.MicronsPerPixel;

    /// <summary>Height and width of the patches that the model was trained on, in pixels.</summary>
    public (int Height, int Width) PatchSize => _facts.PatchSize;

    /// <summary>Flips and turns that each prediction is averaged over: 1, 2, 4 or 8.</summary>
    public int Views => _options.Views ?? _facts.Views;

    /// <summary>How much each pixel of a window counts where windows overlap.</summary>
    public OnnxBlending Blending => _options.Blending ?? _facts.Blending;

    /// <summary>A tissue passes the gate when the classifier's probability is strictly above this.</summary>
    public double GateThreshold => _options.GateThreshold ?? _facts.GateThreshold;

    /// <summary>Loads a file that <c>ExportOnnx</c> or <c>mlps export --format onnx</c> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to predict, or null for what the file says.</param>
    /// <returns>The model, which holds native memory; dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidDataException">The file is no exported model, or damaged, or of a newer release.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="DllNotFoundException">The application has no native library of ONNX Runtime.</exception>
    public static OnnxSegmenter Load(string path, OnnxSegmenterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(File.ReadAllBytes(path), $"'{path}'", options ?? new());
    }

    /// <summary>Loads a model from the bytes of such a file.</summary>
    /// <param name="file">The whole file; not kept.</param>
    /// <param name="options">How to predict, or null for what the file says.</param>
    /// <returns>The model, which holds native memory; dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidDataException">The bytes are no exported model, or damaged, or of a newer release.</exception>
    /// <exception cref="DllNotFoundException">The application has no native library of ONNX Runtime.</exception>
    public static OnnxSegmenter Load(byte[] file, OnnxSegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Load(file, "The model", options ?? new());
    }

    /// <summary>Predicts an image; transparent pixels are laid on white.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <param name="outputs">What to compute.</param>
    /// <exception cref="ArgumentException">The image is too large for one array.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public OnnxPrediction Predict(MLImage image, OnnxOutputs outputs = OnnxOutputs.Mask)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckSize(image.Height, image.Width, outputs);
        return Predict(new RgbPlanes(ImagePixels.ToRgb(image), image.Height, image.Width), outputs);
    }

    /// <summary>Predicts an image that is given as its pixels.</summary>
    /// <param name="pixels">Red, green and blue of each pixel, row by row from the top left: 3 H W bytes.</param>
    /// <param name="height">H, at least 1.</param>
    /// <param name="width">W, at least 1.</param>
    /// <param name="outputs">What to compute.</param>
    /// <exception cref="ArgumentException">The bytes do not fill the image, or it is too large for one array.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public OnnxPrediction Predict(ReadOnlySpan<byte> pixels, int height, int width, OnnxOutputs outputs = OnnxOutputs.Mask)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        CheckSize(height, width, outputs);
        var count = height * width;
        if (pixels.Length != Channels * count)
        {
            throw new ArgumentException($"An image of {width} x {height} pixels has {Channels * count} bytes; there are {pixels.Length}.", nameof(pixels));
        }

        var planes = new byte[pixels.Length];
        for (var i = 0; i < count; i++)
        {
            (planes[i], planes[count + i], planes[(2 * count) + i]) = (pixels[Channels * i], pixels[(Channels * i) + 1], pixels[(Channels * i) + 2]);
        }

        return Predict(new RgbPlanes(planes, height, width), outputs);
    }

    /// <summary>Frees the networks, once running predictions have ended.</summary>
    public void Dispose()
    {
        _lifetime.EnterWriteLock();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _classifier.Dispose();
                _segmenter.Dispose();
            }
        }
        finally
        {
            _lifetime.ExitWriteLock();
        }
    }

    /// <summary>Loads a model that messages call by a name.</summary>
    internal static OnnxSegmenter Load(byte[] file, string name, OnnxSegmenterOptions options)
    {
        options.Check();
        var model = OnnxModel.Read(file, name);
        var classifier = new GraphSession(model, OnnxProperties.PresenceLogits, options, name);
        try
        {
            return new OnnxSegmenter(classifier, new GraphSession(model, OnnxProperties.Logits, options, name), model.Facts, options);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    private void CheckSize(long height, long width, OnnxOutputs outputs)
    {
        var perPixel = outputs.HasFlag(OnnxOutputs.PixelProbability) ? Math.Max(Channels, Tissues.Count) : Channels;
        if (height * width > Array.MaxLength / perPixel)
        {
            throw new ArgumentException($"An image of {width} x {height} pixels is too large; {Array.MaxLength / perPixel} pixels are the most.");
        }
    }

    private OnnxPrediction Predict(RgbPlanes image, OnnxOutputs outputs)
    {
        _lifetime.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return Compute(image, outputs);
        }
        finally
        {
            _lifetime.ExitReadLock();
        }
    }

    private OnnxPrediction Compute(RgbPlanes image, OnnxOutputs outputs)
    {
        var result = new OnnxPrediction(image.Height, image.Width, _palette);
        var whole = outputs.HasFlag(OnnxOutputs.Probability) || (_facts.Gate is GateKind.Whole && outputs is not OnnxOutputs.None)
            ? Presence.OfImage(_classifier, image, _facts.PresenceThresholds)
            : null;
        if (outputs.HasFlag(OnnxOutputs.Probability))
        {
            result.Probability = whole!.Values;
        }

        if ((outputs & ~OnnxOutputs.Probability) is not OnnxOutputs.None)
        {
            var weights = Blending is OnnxBlending.Hann ? WindowWeights.Hann : WindowWeights.Uniform;
            var plan = WindowPlan.Over(image.Height, image.Width, _facts.IsWhole ? _wholeLimit : _facts.PatchSize, views: Views, weights: weights);

            // One view has no spread: the entropy stands in where the options changed the views.
            new PixelPrediction(image, Tissues.Count, Gate(image, whole), outputs, _facts.IsSpread && Views > 1).Run(_segmenter, plan, _facts, result);
        }

        return result;
    }

    private PixelGate? Gate(RgbPlanes image, Presence? whole)
    {
        var presence = _facts.Gate switch
        {
            GateKind.Whole => whole,
            GateKind.Windows => Presence.OfCells(_classifier, image, _facts.GatePatchSize, _facts.GateOverlaps, _facts.PresenceThresholds),
            _ => null,
        };
        return presence is null ? null : new PixelGate(presence, GateThreshold, _facts.IsReference);
    }
}
