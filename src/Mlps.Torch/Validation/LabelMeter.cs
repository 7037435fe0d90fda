using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Gathers predicted labels batch by batch and scores them over all.</summary>
internal sealed class LabelMeter
{
    private readonly List<float[]> _logits = [];
    private readonly List<byte[]> _labels = [];
    private double _exact;
    private double _overlap;

    /// <summary>Adds a batch on the CPU.</summary>
    /// <param name="logits">[N, C].</param>
    /// <param name="labels">[N, C], bytes.</param>
    public void Add(Tensor logits, Tensor labels)
    {
        var count = (int)logits.shape[0];
        var (exact, overlap) = LabelScores.Compute(logits, labels);
        _exact += exact * count;
        _overlap += overlap * count;
        var classes = (int)logits.shape[1];
        _logits.AddRange(logits.data<float>().ToArray().Chunk(classes));
        _labels.AddRange(labels.data<byte>().ToArray().Chunk(classes));
    }

    /// <summary><c>labelIoU</c>, <c>exactMatch</c> and <c>meanAveragePrecision</c>, in [0, 1].</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Scores() =>
    [
        new("labelIoU", _overlap / _labels.Count),
        new("exactMatch", _exact / _labels.Count),
        new("meanAveragePrecision", AveragePrecision.Mean(_logits, _labels)),
    ];
}
