using Microsoft.ML;

namespace Mlps.Onnx;

/// <summary>What this package adds to <see cref="MLContext"/>.</summary>
public static class OnnxSegmenterCatalog
{
    /// <summary>Segments a column of images of any size with an exported model.</summary>
    /// <param name="context">The context.</param>
    /// <param name="modelPath">A file that <c>ExportOnnx</c> or <c>mlps export --format onnx</c> wrote.</param>
    /// <param name="outputColumnName">Output: Vector of Byte [H, W], the tissue of each pixel; the other outputs' names are constants of <see cref="OnnxSegmenterTransformer"/>.</param>
    /// <param name="inputColumnName">Input: images.</param>
    /// <param name="options">How to predict, or null for what the file says.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a column has no name.</exception>
    /// <exception cref="InvalidDataException">The file is no exported model, or damaged, or of a newer release.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxSegmenterEstimator OnnxSegmenter(
        this MLContext context, string modelPath, string outputColumnName = "PredictedMask", string inputColumnName = "Image", OnnxSegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        return new(context, modelPath, outputColumnName, inputColumnName, options ?? new());
    }
}
