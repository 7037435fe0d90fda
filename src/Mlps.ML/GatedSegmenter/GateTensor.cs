using Mlps.Torch.Inference;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Gives the gate's column back its shape.</summary>
internal static class GateTensor
{
    /// <summary>Probabilities [C, h, w] of one image: h = w = 1 where there is one value for each class.</summary>
    /// <exception cref="TissueDataException">The number of values fits neither the whole image nor its 8x8 cells.</exception>
    public static Tensor From(float[] values, int classCount, int height, int width)
    {
        if (values.Length == classCount)
        {
            return tensor(values, [classCount, 1, 1], device: CPU);
        }

        int rows = CellGrid.Count(height), columns = CellGrid.Count(width);
        return values.Length == classCount * rows * columns
            ? tensor(values, [classCount, rows, columns], device: CPU)
            : throw new TissueDataException(
                $"The gate's column has {values.Length} values for an image of {width}x{height} and {classCount} classes; expected {classCount}, or {classCount * rows * columns} for {columns}x{rows} cells.");
    }
}
