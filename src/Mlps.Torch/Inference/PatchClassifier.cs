using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Predicts with a patch classifier network, whatever its weights are at the moment; several threads may predict at once.</summary>
/// <remarks>Images are bytes [N, 3, H, W] on any device. Results are on the host and belong to the caller.</remarks>
public sealed class PatchClassifier : IDisposable
{
    private readonly PredictionNetwork<ClassifierNetwork> _network;
    private readonly Normalization _normalization;
    private readonly (int Height, int Width) _window;
    private readonly Device _device;

    /// <summary>Takes over a network, moves it to the device and puts it in evaluation mode.</summary>
    /// <param name="network">The trained network; disposed with this object.</param>
    /// <param name="normalization">What it was trained with.</param>
    /// <param name="patchSize">Height and width of the patches that it was trained on, in pixels.</param>
    /// <param name="device">Where it runs.</param>
    public PatchClassifier(ClassifierNetwork network, Normalization normalization, (int Height, int Width) patchSize, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        Guard.AtLeast(patchSize.Height, 1);
        Guard.AtLeast(patchSize.Width, 1);
        _network = new(network, () => ClassifierNetwork.ToLoad(network.Encoder, network.ClassCount, network.Width), device);
        (_normalization, _window, _device) = (normalization, patchSize, device);
        using var state = ComputeScope.ForWeights();
        network.to(device);
        network.eval();
        foreach (var parameter in network.parameters())
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>The network.</summary>
    public ClassifierNetwork Network => _network.Trained;

    /// <summary>What the network was trained with.</summary>
    internal Normalization Normalization => _normalization;

    /// <summary>Where the network runs.</summary>
    internal Device Device => _device;

    /// <summary>Height and width of the patches that the network was trained on, in pixels.</summary>
    public (int Height, int Width) PatchSize => _window;

    /// <summary>Folds BatchNorms into convolutions, which makes predictions faster and changes them only by rounding.</summary>
    /// <remarks>Call it again after changing weights. Neither may be done while another thread predicts.</remarks>
    public void Fold() => _network.Fold();

    /// <summary>Probability [N, C] of each tissue in each image as a whole, in [0, 1].</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="precision">What the network computes with.</param>
    public Tensor PredictProbabilities(Tensor images, Precision precision = Precision.TensorFloat32)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var state = ComputeScope.ForPrediction();
        return state.Return(_network.Forward(Prepared(images), precision).sigmoid().cpu());
    }

    /// <summary>Probability [N, C, ⌈H/8⌉, ⌈W/8⌉] of each tissue around each cell of 8x8 pixels.</summary>
    /// <remarks>The mean over the windows of the training patches' size that hold the cell's centre. It is constant over images of that size or smaller.</remarks>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="precision">What the network computes with.</param>
    /// <param name="overlap">Whether windows overlap by half; side by side they are a quarter as many on large images.</param>
    public Tensor PredictWindowProbabilities(Tensor images, Precision precision = Precision.TensorFloat32, bool overlap = true)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var state = ComputeScope.ForPrediction();
        var plan = WindowPlan.Over((int)images.shape[2], (int)images.shape[3], _window, overlap);
        using var merger = new CellMerger(images.shape[0], Network.ClassCount, plan);
        SlidingWindows.Run(OnDevice(images), plan, windows => _network.Forward(Prepared(windows), precision).sigmoid().cpu(), merger);
        return state.Return(merger.Means());
    }

    /// <summary>Grad-CAM [N, L, C, ⌈H/8⌉, ⌈W/8⌉] of the given layers.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="layers">The L layers.</param>
    /// <param name="labels">[N, C], true for the classes to compute maps for; the maps of others are 0. Null for all.</param>
    /// <param name="precision">What the network computes with.</param>
    /// <param name="views">Flips and quarter turns to average over: 1, 2, 4 or 8, as in <see cref="PredictionOptions.Views"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such number of views.</exception>
    public Tensor ComputeActivationMaps(Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor? labels = null, Precision precision = Precision.TensorFloat32, int views = 1)
    {
        ArgumentNullException.ThrowIfNull(images);
        CheckMapsOf(layers, views);
        using var state = ComputeScope.ForGradients();
        return state.Return(ActivationMaps(images, layers, labels, precision, views).cpu());
    }

    /// <summary>Pseudo masks [N, L, H, W] (bytes) of images whose tissues are known, or [N, 1, H, W] of fused layers: class indices, C for background.</summary>
    /// <remarks>
    /// Activation maps and masks are computed where the network is, and only the masks are copied to the host. Images with one class or none take no time, since their masks do not depend on any map; those of
    /// <see cref="Recipe.Reference"/> do.
    /// </remarks>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="labels">[N, C], true where a class occurs.</param>
    /// <param name="layers">The L layers.</param>
    /// <param name="rules">How maps become masks; null for the defaults.</param>
    /// <param name="precision">What the network computes with.</param>
    /// <param name="views">Flips and quarter turns to average over: 1, 2, 4 or 8, as in <see cref="PredictionOptions.Views"/>.</param>
    /// <exception cref="ArgumentException">A rule is outside its range, or the network has no such layer.</exception>
    public Tensor ComputePseudoMasks(Tensor images, Tensor labels, IReadOnlyList<ActivationLayer> layers, PseudoMaskRules? rules = null, Precision precision = Precision.TensorFloat32, int views = 1)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        CheckMapsOf(layers, views);
        PresentClasses.CheckShape(labels, images.shape[0], Network.ClassCount);
        rules ??= new();
        rules.Check();
        using var state = ComputeScope.ForGradients();
        var present = labels.to(ScalarType.Bool).cpu();
        var here = images.to(_device);
        var maps = rules.Recipe is Recipe.Reference ? ActivationMaps(here, layers, null, precision, views) : MapsOfSeveral(here, layers, present, precision, views);
        return state.Return(PseudoMaskGenerator.Generate(maps, present, here, rules).cpu());
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();

    private void CheckMapsOf(IReadOnlyList<ActivationLayer> layers, int views)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ImageViews.Check(views, nameof(views));
        if (layers.Except(Network.LayersByDepth).ToArray() is { Length: > 0 } foreign)
        {
            throw new ArgumentException($"{Network.Encoder} has no layer {string.Join(", ", foreign)}; its layers are {string.Join(", ", Network.LayersByDepth)}.", nameof(layers));
        }
    }

    /// <summary>Activation maps on the network's device, as floats.</summary>
    private Tensor ActivationMaps(Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor? labels, Precision precision, int views)
    {
        using var rounding = FactorRounding.On(_device, precision);
        var network = _network.In(precision);
        return ViewMean.Compute(images, views, view => DeviceMemory.Within(_device, view, () => GradCam.Compute(network, Prepared(view).to(network.Head.weight.dtype), layers, labels).Maps.to(ScalarType.Float32)));
    }

    /// <summary>Maps of the images with several classes; 0 for others.</summary>
    private Tensor MapsOfSeveral(Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor present, Precision precision, int views)
    {
        var several = present.sum(1).gt(1).nonzero().squeeze(1);
        var rows = several.to(_device);
        if (several.shape[0] == images.shape[0])
        {
            return ActivationMaps(images, layers, present, precision, views);
        }

        var maps = zeros([images.shape[0], layers.Count, Network.ClassCount, CellGrid.Count((int)images.shape[2]), CellGrid.Count((int)images.shape[3])], ScalarType.Float32, _device);
        return several.shape[0] == 0 ? maps : maps.index_copy_(0, rows, ActivationMaps(images.index_select(0, rows), layers, present.index_select(0, several), precision, views));
    }

    private Tensor Prepared(Tensor images) => _normalization.Apply(OnDevice(images).ToUnitRange());

    /// <summary>Bytes on the network's device; from pinned memory the copy runs beside the computation.</summary>
    private Tensor OnDevice(Tensor images) => images.to(_device, non_blocking: _device.type is DeviceType.CUDA);
}
