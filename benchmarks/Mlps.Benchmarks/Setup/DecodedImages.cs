using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;

namespace Mlps.Benchmarks.Setup;

/// <summary>A row with a decoded image.</summary>
internal sealed class ImageRow
{
    [ImageType(Tissue.Side, Tissue.Side)]
    public MLImage Image { get; set; } = null!;
}

/// <summary>What is predicted for a row.</summary>
internal sealed class MaskRow
{
    [VectorType]
    public byte[] PredictedMask { get; set; } = [];
}

/// <summary>Test images, decoded once, as a table and as a tensor.</summary>
internal static class DecodedImages
{
    public static ImageRow[] Read(TissueDataset dataset, int count) =>
        [.. Directory.GetFiles(Path.Combine(dataset.Folder, "test", "img"), "*.png").Order(StringComparer.Ordinal).Take(count).Select(path => new ImageRow { Image = MLImage.CreateFromFile(path) })];
}
