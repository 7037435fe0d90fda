using Mlps.Torch.Inference;

namespace Mlps.Onnx.Scoring;

/// <summary>Keeps the segmenter from predicting tissues that the classifier does not see.</summary>
internal sealed class PixelGate
{
    private readonly bool[] _opens;
    private readonly int _rows;
    private readonly int _columns;
    private readonly bool _isReference;

    /// <param name="presence">The classifier's probabilities.</param>
    /// <param name="threshold">A tissue passes when its probability is strictly above this.</param>
    /// <param name="isReference">True: other tissues get logit 0. False: they get −∞, and where nothing passes the most probable one does.</param>
    public PixelGate(Presence presence, double threshold, bool isReference)
    {
        (_rows, _columns, _isReference) = (presence.Rows, presence.Columns, isReference);
        _opens = [.. presence.Values.Select(value => value > (float)threshold)];
        var cells = _rows * _columns;
        for (var cell = 0; cell < cells && !isReference; cell++)
        {
            var best = cell;
            var any = false;
            for (var at = cell; at < _opens.Length; at += cells)
            {
                any |= _opens[at];
                best = presence.Values[at] > presence.Values[best] ? at : best;
            }

            _opens[best] |= !any;
        }
    }

    /// <summary>Applies the gate to logits of a part of the image.</summary>
    /// <param name="logits">Tissue c of pixel x of row y at <c>(c * channelLength) + (y * width) + x</c>.</param>
    /// <param name="channelLength">From one tissue to the next.</param>
    /// <param name="top">The part's first row.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="left">Its first column.</param>
    /// <param name="width">Its columns.</param>
    public void Apply(Span<float> logits, int channelLength, int top, int rows, int left, int width)
    {
        var cells = _rows * _columns;
        for (var tissue = 0; tissue < _opens.Length / cells; tissue++)
        {
            var opens = _opens.AsSpan(tissue * cells, cells);
            for (var row = 0; row < rows; row++)
            {
                var cellRow = _rows == 1 ? 0 : (top + row) / CellGrid.Side * _columns;
                var values = logits.Slice((tissue * channelLength) + (row * width), width);
                for (var column = 0; column < width; column++)
                {
                    if (!opens[cellRow + (_columns == 1 ? 0 : (left + column) / CellGrid.Side)])
                    {
                        values[column] = _isReference ? 0 : float.NegativeInfinity;
                    }
                }
            }
        }
    }
}
