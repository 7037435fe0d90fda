using Mlps.Onnx.Model;
using Mlps.Torch.Inference;
using Mlps.Torch.PseudoMasks;

namespace Mlps.Onnx.Scoring;

/// <summary>Runs the segmenter over all windows of an image, and makes what was requested of its logits.</summary>
internal sealed class PixelPrediction
{
    private readonly RgbPlanes _image;
    private readonly PixelGate? _gate;
    private readonly int _classes;
    private readonly byte[]? _mask;
    private readonly float[]? _probabilities;
    private readonly float[]? _uncertainty;
    private readonly bool _isSpread;

    /// <param name="image">The image.</param>
    /// <param name="classes">C.</param>
    /// <param name="gate">The gate, or null for none.</param>
    /// <param name="outputs">What to compute.</param>
    /// <param name="isSpread">Whether uncertainty is the spread over views, and not the entropy.</param>
    public PixelPrediction(RgbPlanes image, int classes, PixelGate? gate, OnnxOutputs outputs, bool isSpread)
    {
        (_image, _classes, _gate, _isSpread) = (image, classes, gate, isSpread);
        var pixels = image.Height * image.Width;
        _mask = outputs.HasFlag(OnnxOutputs.Mask) ? new byte[pixels] : null;
        _probabilities = outputs.HasFlag(OnnxOutputs.PixelProbability) ? new float[classes * pixels] : null;
        _uncertainty = outputs.HasFlag(OnnxOutputs.PixelUncertainty) ? new float[pixels] : null;
    }

    /// <summary>Computes, and puts the results where they belong.</summary>
    public void Run(GraphSession segmenter, WindowPlan plan, ModelFacts facts, OnnxPrediction result)
    {
        var band = new PixelBand(_classes, plan, Take);
        var spread = _isSpread && _uncertainty is not null ? new PixelBand(_classes + 1, plan, TakeSpread) : null;
        foreach (var call in WindowCall.Of(plan, images: 1))
        {
            band.Reserve(call.Bottom);
            spread?.Reserve(call.Bottom);
            segmenter.Run(_image, call, (index, logits) =>
            {
                band.Add(call.Windows[index].Window, logits);
                spread?.Add(call.Windows[index].Window, Looks(call.Windows[index].Window, logits), isLaidBack: true);
            });
            band.Finish(call.Finished);
            spread?.Finish(call.Finished);
        }

        if (_mask is not null && facts.Marking is { } marking)
        {
            Mark(_mask, marking.GreyThreshold, marking.MinimumRegion);
        }

        (result.Mask, result.PixelProbability, result.PixelUncertainty) = (_mask, _probabilities, _uncertainty);
    }

    private void Take(int top, int rows, Span<float> logits, int channelLength)
    {
        _gate?.Apply(logits, channelLength, top, rows, 0, _image.Width);
        var pixels = _image.Height * _image.Width;
        Span<float> pixel = stackalloc float[_classes];
        for (int at = 0, to = top * _image.Width; at < rows * _image.Width; at++, to++)
        {
            Gather(logits, at, channelLength, pixel);
            if (_mask is not null)
            {
                _mask[to] = (byte)PixelMath.Best(pixel);
            }

            if (_probabilities is null && (_uncertainty is null || _isSpread))
            {
                continue;
            }

            PixelMath.Softmax(pixel);
            for (var tissue = 0; _probabilities is not null && tissue < _classes; tissue++)
            {
                _probabilities[(tissue * pixels) + to] = pixel[tissue];
            }

            if (_uncertainty is not null && !_isSpread)
            {
                _uncertainty[to] = PixelMath.Entropy(pixel);
            }
        }
    }

    private void TakeSpread(int top, int rows, Span<float> means, int channelLength)
    {
        Span<float> pixel = stackalloc float[_classes + 1];
        for (int at = 0, to = top * _image.Width; at < rows * _image.Width; at++, to++)
        {
            Gather(means, at, channelLength, pixel);
            _uncertainty![to] = PixelMath.Spread(pixel);
        }
    }

    /// <summary>Probabilities after the gate and the sum of their squares [C + 1, h, w] of one look at a window, laid back on the image.</summary>
    private float[] Looks(ImageWindow window, ReadOnlySpan<float> logits)
    {
        var length = window.Height * window.Width;
        var looks = new float[(_classes + 1) * length];
        var (rows, columns) = ImageViews.IsTransposed(window.View) ? (window.Width, window.Height) : (window.Height, window.Width);
        var (start, down, right) = ImageViews.Walk(window.View, window.Height, window.Width, window.Width);
        for (var i = 0; i < _classes * length; i++)
        {
            var (row, column) = Math.DivRem(i % length, columns);
            looks[(i / length * length) + start + (row * down) + (column * right)] = logits[i];
        }

        _gate?.Apply(looks, length, window.Top, window.Height, window.Left, window.Width);
        Span<float> pixel = stackalloc float[_classes];
        for (var at = 0; at < length; at++)
        {
            Gather(looks, at, length, pixel);
            PixelMath.Softmax(pixel);
            for (var tissue = 0; tissue < _classes; tissue++)
            {
                looks[(tissue * length) + at] = pixel[tissue];
                looks[(_classes * length) + at] += pixel[tissue] * pixel[tissue];
            }
        }

        return looks;
    }

    private static void Gather(ReadOnlySpan<float> values, int at, int channelLength, Span<float> pixel)
    {
        for (var channel = 0; channel < pixel.Length; channel++)
        {
            pixel[channel] = values[(channel * channelLength) + at];
        }
    }

    private void Mark(byte[] mask, int greyThreshold, int minimumRegion)
    {
        var background = new byte[mask.Length];
        BackgroundMask.Find(_image.Values, _image.Height, _image.Width, greyThreshold, minimumRegion, background);
        for (var pixel = 0; pixel < mask.Length; pixel++)
        {
            mask[pixel] = background[pixel] != 0 ? (byte)_classes : mask[pixel];
        }
    }
}
