using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Passes windows on, and besides computes how far their class probabilities are apart at each pixel.</summary>
/// <remarks>It averages each class's probability and the sum of their squares, in bands as <see cref="PixelMerger"/> does, so that no view is kept whole.</remarks>
internal sealed class SpreadMerger : IWindowMerger, IDisposable
{
    private readonly IWindowMerger _next;
    private readonly PixelMerger _looks;
    private readonly ClassificationGate? _gate;
    private readonly Action<int, Tensor> _take;

    /// <param name="next">Gets every window too.</param>
    /// <param name="images">N.</param>
    /// <param name="classes">C of an output [C, h, w] of logits.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="device">Where outputs are.</param>
    /// <param name="gate">What closes classes, or null.</param>
    /// <param name="take">Takes the first row's number and rows [N, rows, W] of spreads from 0 to 1; they are disposed afterwards.</param>
    public SpreadMerger(IWindowMerger next, long images, long classes, WindowPlan plan, Device device, ClassificationGate? gate, Action<int, Tensor> take)
    {
        (_next, _gate, _take) = (next, gate, take);
        _looks = new PixelMerger(images, classes + 1, plan, device, (top, rows) => _take(top, Spread(rows)));
    }

    public void Reserve(int bottom)
    {
        _next.Reserve(bottom);
        _looks.Reserve(bottom);
    }

    public void Add(int image, ImageWindow window, Tensor output)
    {
        _next.Add(image, window, output);
        using var scope = NewDisposeScope();
        var logits = ImageViews.Undo(output, window.View).unsqueeze(0);
        var probabilities = (_gate is null ? logits : _gate.Apply(logits, image, window)).softmax(1);
        _looks.AddLaidBack(image, window, cat([probabilities, probabilities.square().sum(1, keepdim: true)], 1).squeeze(0));
    }

    public void Finish(int top)
    {
        _next.Finish(top);
        _looks.Finish(top);
    }

    public void Dispose() => _looks.Dispose();

    /// <summary>√(Σ var p / (1 − 1/C)) [N, rows, W] from means of p and of Σ p², [N, C + 1, rows, W].</summary>
    private static Tensor Spread(Tensor means)
    {
        var classes = means.shape[1] - 1;
        var largest = Math.Max(1 - (1.0 / classes), 0.5);
        return means.select(1, classes).sub(means.narrow(1, 0, classes).square().sum(1)).div_(largest).clamp_(0, 1).sqrt_();
    }
}
