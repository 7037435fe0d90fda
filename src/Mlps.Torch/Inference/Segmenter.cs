using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Predicts with a segmenter network, whatever its weights are at the moment; several threads may predict at once.</summary>
/// <remarks>Images are bytes [N, 3, H, W] on any device. Results are on the host and belong to the caller.</remarks>
public sealed class Segmenter : IDisposable
{
    /// <summary>Larger images are predicted in overlapping blocks of this size even if one pass is requested, so that memory stays within bounds.</summary>
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

    /// <summary>What the network was trained with.</summary>
    internal Normalization Normalization => _normalization;

    /// <summary>Where the network runs.</summary>
    internal Device Device => _device;

    /// <summary>Height and width of the patches that the network was trained on, in pixels.</summary>
    public (int Height, int Width) PatchSize { get; }

    /// <summary>Folds BatchNorms into convolutions, which makes predictions faster and changes them only by rounding.</summary>
    /// <remarks>Call it again after changing weights. Neither may be done while another thread predicts.</remarks>
    public void Fold() => _network.Fold();

    /// <summary>Logits [N, C, H, W] before the gate, on the network's device.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="mode">In one pass or in windows.</param>
    /// <param name="views">Flips and turns to average over, as in <see cref="PredictionOptions.Views"/>.</param>
    /// <param name="precision">What the network computes with.</param>
    /// <param name="blending">How much each pixel of a window counts where windows overlap.</param>
    /// <exception cref="ArgumentOutOfRangeException">A prediction option is outside its range.</exception>
    public Tensor PredictLogits(Tensor images, PredictionMode mode, int views = 1, Precision precision = Precision.TensorFloat32, BlendingKind blending = BlendingKind.Hann)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var state = ComputeScope.ForPrediction();
        using var rows = new RowCollector(images);
        Predict(images, gate: null, new PredictionOptions { Prediction = mode, Views = views, Precision = precision, Blending = blending }, (top, logits) => rows.Add(top, logits));
        return state.Return(rows.ToTensor());
    }

    /// <summary>Class probabilities [N, C, H, W] of each pixel after the gate; they sum to 1.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="gate">The classifier's probabilities [N, C, h, w] for the gate; null for none.</param>
    /// <param name="options">How to predict.</param>
    /// <exception cref="ArgumentOutOfRangeException">A prediction option is outside its range.</exception>
    public Tensor PredictProbabilities(Tensor images, Tensor? gate, PredictionOptions options) => Predict(images, gate, options, PixelOutputs.Probabilities).Probabilities!;

    /// <summary>The most probable class [N, H, W] (bytes) of each pixel after the gate; ties go to the lowest index.</summary>
    /// <remarks>Background is C, where the options say to mark it.</remarks>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="gate">The classifier's probabilities [N, C, h, w] for the gate; null for none.</param>
    /// <param name="options">How to predict.</param>
    /// <exception cref="ArgumentOutOfRangeException">A prediction option is outside its range.</exception>
    public Tensor PredictMasks(Tensor images, Tensor? gate, PredictionOptions options) => Predict(images, gate, options, PixelOutputs.Masks).Masks!;

    /// <summary>How uncertain the prediction of each pixel is, [N, H, W], from 0 to 1, after the gate; see <see cref="PredictionOptions.Uncertainty"/>.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="gate">The classifier's probabilities [N, C, h, w] for the gate; null for none.</param>
    /// <param name="options">How to predict.</param>
    /// <exception cref="ArgumentOutOfRangeException">A prediction option is outside its range.</exception>
    public Tensor PredictUncertainty(Tensor images, Tensor? gate, PredictionOptions options) => Predict(images, gate, options, PixelOutputs.Uncertainty).Uncertainty!;

    /// <summary>Several results from one pass; null for what is not requested.</summary>
    internal (Tensor? Masks, Tensor? Probabilities, Tensor? Uncertainty) Predict(Tensor images, Tensor? gate, PredictionOptions options, PixelOutputs outputs)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        using var state = ComputeScope.ForPrediction();
        using var classes = Collect(PixelOutputs.Masks);
        using var shares = Collect(PixelOutputs.Probabilities);
        using var doubts = Collect(PixelOutputs.Uncertainty);
        var entropies = options.Uncertainty is UncertaintyKind.Entropy ? doubts : null;
        var spreads = options.Uncertainty is UncertaintyKind.Spread ? doubts : null;
        Predict(
            images,
            gate,
            options,
            (top, logits) =>
            {
                classes?.Add(top, logits.Argmax(1).to(ScalarType.Byte).cpu());
                if (shares is not null || entropies is not null)
                {
                    var probabilities = logits.softmax(1);
                    shares?.Add(top, probabilities.cpu());
                    entropies?.Add(top, PixelEntropy.Of(probabilities).cpu());
                }
            },
            spreads is null ? null : (top, spread) => spreads.Add(top, spread.cpu()));
        if (classes is not null && options.Background is { } background)
        {
            classes.ToTensor().masked_fill_(BackgroundMask.Find(images, background).cpu(), Network.ClassCount);
        }

        return (Return(classes), Return(shares), Return(doubts));

        RowCollector? Collect(PixelOutputs output) => outputs.HasFlag(output) ? new RowCollector(images) : null;

        Tensor? Return(RowCollector? rows) => rows is null ? null : state.Return(rows.ToTensor());
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();

    /// <summary>Hands out rows [N, C, rows, W] of logits after the gate, and rows [N, rows, W] of spreads if they are requested, from top to bottom; they are disposed afterwards. For callers in a <see cref="ComputeScope"/>.</summary>
    private void Predict(Tensor images, Tensor? gate, PredictionOptions options, Action<int, Tensor> take, Action<int, Tensor>? takeSpread = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        using var scope = NewDisposeScope();
        using var open = gate is null ? null : new ClassificationGate(gate, options.GateThreshold, options.Recipe, _device);
        var plan = WindowPlan.Over((int)images.shape[2], (int)images.shape[3], options.Prediction is PredictionMode.Whole ? WholeLimit : PatchSize, views: options.Views, weights: options.WindowWeights);
        if (plan.IsWhole)
        {
            Take(0, Forward(images, options.Precision));
            return;
        }

        using var merger = new PixelMerger(images.shape[0], Network.ClassCount, plan, _device, Take);
        using var spread = takeSpread is null ? null : new SpreadMerger(merger, images.shape[0], Network.ClassCount, plan, _device, open, takeSpread);
        SlidingWindows.Run(OnDevice(images), plan, windows => Forward(windows, options.Precision), spread is null ? merger : spread);

        void Take(int top, Tensor logits) => take(top, open is null ? logits : open.Apply(logits, top));
    }

    private Tensor Forward(Tensor images, Precision precision) => _network.Forward(_normalization.Apply(OnDevice(images).ToUnitRange()), precision);

    /// <summary>Bytes on the network's device; from pinned memory the copy runs beside the computation.</summary>
    private Tensor OnDevice(Tensor images) => images.to(_device, non_blocking: _device.type is DeviceType.CUDA);
}
