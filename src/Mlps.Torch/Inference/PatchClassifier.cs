using Mlps.Torch.Attention;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>A trained patch classifier, ready to be asked; safe to ask from several threads.</summary>
/// <remarks>Images are bytes [N, 3, H, W] on any device. Results are on the host and belong to the caller.</remarks>
public sealed class PatchClassifier : IDisposable
{
    private readonly PredictionNetwork<ResNet38> _network;
    private readonly Normalization _normalization;
    private readonly (int Height, int Width) _window;
    private readonly Device _device;

    /// <summary>Takes over a network, moves it to the device and puts it in evaluation mode.</summary>
    /// <param name="network">The trained network; disposed with this object.</param>
    /// <param name="normalization">What it was trained with.</param>
    /// <param name="patchSize">Height and width of the patches that it was trained on, in pixels.</param>
    /// <param name="device">Where it runs.</param>
    public PatchClassifier(ResNet38 network, Normalization normalization, (int Height, int Width) patchSize, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        Guard.AtLeast(patchSize.Height, 1);
        Guard.AtLeast(patchSize.Width, 1);
        _network = new(network, () => ResNet38.ToLoad(network.ClassCount, network.Width), device);
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
    public ResNet38 Network => _network.Trained;

    /// <summary>Height and width of the patches that the network was trained on, in pixels.</summary>
    public (int Height, int Width) PatchSize => _window;

    /// <summary>
    /// Folds BatchNorms into convolutions, which makes predictions faster and changes them by rounding alone. For weights that do not change any more: call it again after changing them.
    /// </summary>
    public void Fold() => _network.Fold();

    /// <summary>Probability [N, C] of each tissue in each image as a whole, in [0, 1].</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="precision">What the network computes with.</param>
    public Tensor Probabilities(Tensor images, Precision precision = Precision.Full)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var state = ComputeScope.ForPrediction();
        return state.Return(_network.Forward(Prepared(images), precision).sigmoid().cpu());
    }

    /// <summary>
    /// Probability [N, C, ⌈H/8⌉, ⌈W/8⌉] of each tissue around each cell of 8x8 pixels: the mean over the windows of the training
    /// patches' size that hold the cell's centre. Constant over images of that size or smaller.
    /// </summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="precision">What the network computes with.</param>
    /// <param name="overlap">Whether windows overlap by half; side by side they are a quarter as many on large images.</param>
    public Tensor WindowProbabilities(Tensor images, Precision precision = Precision.Full, bool overlap = true)
    {
        ArgumentNullException.ThrowIfNull(images);
        int height = (int)images.shape[2], width = (int)images.shape[3];
        var grid = WindowGrid.Over(height, width, _window, overlap);
        using var state = ComputeScope.ForPrediction();
        int rows = Cells(height), columns = Cells(width);
        var sum = zeros([images.shape[0], Network.ClassCount, rows, columns], ScalarType.Float32, CPU);
        var count = zeros([images.shape[0], 1, rows, columns], ScalarType.Float32, CPU);
        WindowBatches.Run(Prepared(images), grid, windows => _network.Forward(windows, precision).sigmoid().cpu(), (image, top, left, probability) =>
        {
            var (firstRow, rowCount) = CellsIn(top, grid.WindowHeight, height, rows);
            var (firstColumn, columnCount) = CellsIn(left, grid.WindowWidth, width, columns);
            sum[image].narrow(1, firstRow, rowCount).narrow(2, firstColumn, columnCount).add_(probability.view(-1, 1, 1));
            count[image].narrow(1, firstRow, rowCount).narrow(2, firstColumn, columnCount).add_(1);
        });
        return state.Return(sum.div_(count));
    }

    /// <summary>Grad-CAM [N, L, C, ⌈H/8⌉, ⌈W/8⌉] of the given layers.</summary>
    /// <param name="images">Bytes [N, 3, H, W].</param>
    /// <param name="layers">The L layers.</param>
    /// <param name="labels">[N, C], true for the classes whose maps are wanted, which saves the work for others, whose maps are 0; null for all.</param>
    /// <param name="precision">What the network computes with.</param>
    public Tensor ActivationMaps(Tensor images, IReadOnlyList<ActivationLayer> layers, Tensor? labels = null, Precision precision = Precision.Full)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(layers);
        using var state = ComputeScope.ForGradients();
        var network = _network.In(precision);
        var (maps, _) = GradCam.Of(network, Prepared(images).to(network.Head.weight.dtype), layers, labels);
        return state.Return(maps.to(ScalarType.Float32).cpu());
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();

    private static int Cells(int pixels) => (pixels + ResNet38.OutputStride - 1) / ResNet38.OutputStride;

    /// <summary>The cells whose centres lie in a window; a last, cut-off cell has its centre within the image.</summary>
    private static (int First, int Count) CellsIn(int start, int length, int imageLength, int cells)
    {
        const int Stride = ResNet38.OutputStride;
        int first = cells, last = -1;
        for (var cell = 0; cell < cells; cell++)
        {
            var centre = Math.Min((cell * Stride) + (Stride / 2), imageLength - 1);
            if (centre >= start && centre < start + length)
            {
                first = Math.Min(first, cell);
                last = cell;
            }
        }

        return (Math.Min(first, cells - 1), Math.Max(0, last - first + 1));
    }

    private Tensor Prepared(Tensor images) => _normalization.Apply(images.to(_device).ToUnitRange());
}
