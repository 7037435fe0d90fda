using Microsoft.ML;
using Microsoft.ML.Transforms.Image;

namespace Mlps.ML.Stages;

/// <summary>Sizes of images as far as a schema tells them; 0 stands for unknown, as in ML.NET's vector types.</summary>
internal static class ImageSize
{
    /// <summary>Height and width of a column's images, 0 where they differ from row to row.</summary>
    public static (int Height, int Width) Read(DataViewSchema.Column column) =>
        column.Type is ImageDataViewType { Height: > 0, Width: > 0 } image ? (image.Height, image.Width) : (0, 0);
}
