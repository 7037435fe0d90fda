using Mlps.Torch.Inference;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Gives the gate's column back its shape.</summary>
internal static class GateTensor
{
    /// <summary>Probabilities [C, h, w] of one image: h = w = 1 where there is one value for each class.</summary>
    /// <param name="values">The column's.</param>
    /// <param name="classCount">C.</param>
    /// <param name="height">The image's, in pixels.</param>
    /// <param name="width">The image's, in pixels.</param>
    /// <param name="wrong">Where there is none: that the number of values fits neither the whole image nor its 8x8 cells, without a full stop.</param>
    public static Tensor? TryFrom(float[] values, int classCount, int height, int width, out string wrong)
    {
        wrong = string.Empty;
        if (values.Length == classCount)
        {
            return tensor(values, [classCount, 1, 1], device: CPU);
        }

        int rows = CellGrid.Count(height), columns = CellGrid.Count(width);
        if (values.Length == classCount * rows * columns)
        {
            return tensor(values, [classCount, rows, columns], device: CPU);
        }

        wrong = FormattableString.Invariant(
            $"the gate has {values.Length} values for an image of {width}x{height} and {classCount} classes; expected {classCount}, or {classCount * rows * columns} for {columns}x{rows} cells");
        return null;
    }
}
