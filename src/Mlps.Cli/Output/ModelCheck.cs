using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>Whether a model can predict at all.</summary>
internal static class ModelCheck
{
    private const int Side = 64;

    /// <summary>Predicts a white image.</summary>
    /// <exception cref="TissueDataException">That fails, so no image is to blame.</exception>
    public static void Run(MLContext ml, Func<IDataView, IDataView> predict)
    {
        var white = new byte[Side * Side * 4];
        Array.Fill(white, byte.MaxValue);
        using var image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, white);
        try
        {
            foreach (var mask in predict(ml.Data.LoadFromEnumerable([new Field { Image = image }])).GetColumn<VBuffer<byte>>(TissueColumns.PredictedMask))
            {
                _ = mask.Length;
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new TissueDataException($"The model cannot predict even a white image of {Side} x {Side} pixels: {exception.GetBaseException().Message} Train it anew, or take another copy of the file.", exception);
        }
    }

    private sealed class Field
    {
        [ImageType(Side, Side)]
        public MLImage Image { get; set; } = null!;
    }
}
