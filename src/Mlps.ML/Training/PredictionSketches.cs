using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Validation;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Overlays of what a segmenter predicts while it is trained, on a few images, for TensorBoard.</summary>
/// <param name="board">Where they go; null for nowhere.</param>
/// <param name="images">The first few of these are shown.</param>
/// <param name="classes">Colours.</param>
internal sealed class PredictionSketches(TensorBoardLog? board, PatchStore images, TissueClasses classes)
{
    private const int Shown = 4;
    private const double Opacity = 0.45;

    /// <summary>Draws the predictions of an epoch, from 1.</summary>
    public void Draw(Segmenter segmenter, int epoch)
    {
        if (board is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        int height = images.Layout.Height, width = images.Layout.Width;
        for (var n = 0; n < Math.Min(Shown, images.Count); n++)
        {
            var masks = segmenter.PredictMasks(images.Images(n, 1), gate: null, new PredictionOptions());
            var overlay = OverlayPicture.Blend(RgbImage.FromPlanar(width, height, images.Image(n)), masks.data<byte>().ToArray(), classes, Opacity, contourWidth: 1);
            board.Add($"predictions/{n + 1}", overlay, epoch);
        }
    }
}
