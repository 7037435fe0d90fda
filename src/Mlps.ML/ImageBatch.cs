using Mlps.ML.Interop;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Turns the images of a batch into what networks take.</summary>
internal static class ImageBatch
{
    /// <summary>Images [N, 3, H, W] as bytes; all are of one size.</summary>
    public static Tensor ToTensor(RowBatch batch, string column)
    {
        var first = batch.Image(column, 0);
        var length = 3 * first.Height * first.Width;
        var bytes = new byte[batch.Count * length];
        for (var row = 0; row < batch.Count; row++)
        {
            ImagePixels.CopyRgb(batch.Image(column, row), bytes.AsSpan(row * length, length));
        }

        return tensor(bytes, [batch.Count, 3, first.Height, first.Width]);
    }
}
