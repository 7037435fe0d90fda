using Mlps.Torch.Attention;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>A trained segmenter, ready to be asked; safe to ask from several threads.</summary>
/// <remarks>Images are bytes [N, 3, H, W] on any device. Results are on the host and belong to the caller.</remarks>
public sealed class Segmenter : IDisposable
{
    /// <summary>Images above this size are predicted in overlapping blocks of it even where one pass is asked for, so that memory stays within bounds.</summary>
    private static readonly (int Height, int Width) WholeLimit = (1024, 1024);

    private readonly PredictionNetwork<DeepLabV3Plus> _network;
    private readonly Normalization _normalization;
    private readonly Device _device;

    /// <summary>Takes over a network, moves it to the device and puts it in evaluation mode.</summary>
    /// <param name="network">The trained network; disposed with this object.</param>
    /// <param name="normalization">What it was trained with.</param>
    /// <param name="patchSize">Height and width of the patches that it was trained on, in pixels.</param>
    /// <param name="device">Where it runs.</param>
    public Segmenter(DeepLabV3Plus network, Normalization normalization, (int Height, int Width) patchSize, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        Guard.AtLeast(patchSize.Height, 1);
        Guard.AtLeast(patchSize.Width, 1);
        _network = new(network, () => DeepLabV3Plus.ToLoad(network.ClassCount, network.Architecture), device);
        (_normalization, PatchSize, _device) = (normalization, patchSize, device);
        using var state = ComputeScope.ForWeights();
        network.to(device);
        network.eval();
    }

    /// <summary>The network.</summary>
    public DeepLabV3Plus Network => _network.Trained;

    /// <summary>Height and width of the patches that the network was trained on, in pixels.</summary>
    public (int Height, int Width) PatchSize { get; }

    /// <summary>
    /// Folds BatchNorms into convolutions, which makes predictions faster and changes them by rounding alone. For weights that do not change any more: call it again after changing them.
    /// </summary>
    public void Fold() => _network.Fold();

    /// <summary>Logits [N, C, H, W] before the gate, on the network's device.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="mode">In one pass or in windows.</param>
    /// <param name="views">Flips and turns to average over, as in <see cref="SegmentationOptions.Views"/>.</param>
    /// <param name="precision">What the network computes with.</param>
    public Tensor Logits(Tensor images, PredictionMode mode, int views = 1, Precision precision = Precision.Full)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var state = ComputeScope.ForPrediction();
        return state.Return(LogitsOf(images, mode, views, precision));
    }

    /// <summary>Class probabilities [N, C, H, W] of each pixel after the gate; they sum to 1.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="gate">The classifier's probabilities [N, C, h, w] for the gate; null for none.</param>
    /// <param name="options">How to ask.</param>
    public Tensor Probabilities(Tensor images, Tensor? gate, SegmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        using var state = ComputeScope.ForPrediction();
        return state.Return(Gated(LogitsOf(images, options.Prediction, options.Views, options.Precision), gate, options).softmax(1).cpu());
    }

    /// <summary>
    /// The most probable class [N, H, W] (bytes) of each pixel after the gate; ties go to the lowest index. Background is C, where the options say to mark it.
    /// </summary>
    public Tensor Masks(Tensor images, Tensor? gate, SegmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        using var state = ComputeScope.ForPrediction();
        return state.Return(MasksOf(Gated(LogitsOf(images, options.Prediction, options.Views, options.Precision), gate, options), images, options));
    }

    /// <summary>Logits before the gate, for callers that predict in a <see cref="ComputeScope"/> of their own.</summary>
    internal Tensor LogitsOf(Tensor images, PredictionMode mode, int views, Precision precision)
    {
        using var scope = NewDisposeScope();
        var prepared = _normalization.Apply(images.to(_device).ToUnitRange());
        return ImageViews.Average(prepared, views, view => OneView(view, mode, precision)).MoveToOuterDisposeScope();
    }

    /// <summary>Masks of logits after the gate.</summary>
    internal static Tensor MasksOf(Tensor logits, Tensor images, SegmentationOptions options)
    {
        using var scope = NewDisposeScope();
        var masks = logits.FirstMaximum(1).to(ScalarType.Byte).cpu();
        return (options.Background is { } background ? masks.masked_fill(PseudoMaskGenerator.Background(images, background), logits.shape[1]) : masks).MoveToOuterDisposeScope();
    }

    /// <summary>Logits after the gate.</summary>
    internal static Tensor Gated(Tensor logits, Tensor? gate, SegmentationOptions options) =>
        gate is null || options.Gate is GateMode.None
            ? logits
            : ClassificationGate.Apply(logits, gate.to(logits.device), options.GateThreshold, options.Recipe);

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();

    private Tensor OneView(Tensor images, PredictionMode mode, Precision precision)
    {
        var grid = WindowGrid.Over((int)images.shape[2], (int)images.shape[3], mode is PredictionMode.Whole ? WholeLimit : PatchSize);
        return grid.Corners.Count == 1 ? Forward(images, precision) : InWindows(images, grid, windows => Forward(windows, precision));
    }

    private Tensor Forward(Tensor images, Precision precision) => _network.Forward(images, precision);

    private Tensor InWindows(Tensor images, WindowGrid grid, Func<Tensor, Tensor> network)
    {
        var sum = zeros([images.shape[0], Network.ClassCount, images.shape[2], images.shape[3]], ScalarType.Float32, _device);
        var count = zeros([1, images.shape[2], images.shape[3]], ScalarType.Float32, _device);
        foreach (var (top, left) in grid.Corners)
        {
            count.narrow(1, top, grid.WindowHeight).narrow(2, left, grid.WindowWidth).add_(1);
        }

        WindowBatches.Run(images, grid, network, (image, top, left, logits) =>
            sum[image].narrow(1, top, grid.WindowHeight).narrow(2, left, grid.WindowWidth).add_(logits));
        return sum.div_(count);
    }
}
