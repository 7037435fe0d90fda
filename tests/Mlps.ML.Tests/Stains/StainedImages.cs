using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;

namespace Mlps.ML.Tests.Stains;

/// <summary>Images of known stains, and tables of images.</summary>
internal static class StainedImages
{
    /// <summary>Optical densities of the stains of one laboratory, of length 1.</summary>
    public static double[] Haematoxylin { get; } = Unit(0.65, 0.70, 0.29);

    public static double[] Eosin { get; } = Unit(0.21, 0.87, 0.45);

    /// <summary>Those of another laboratory.</summary>
    public static double[] OtherHaematoxylin { get; } = Unit(0.56, 0.72, 0.41);

    public static double[] OtherEosin { get; } = Unit(0.10, 0.92, 0.38);

    public static double[] Unit(params double[] vector) => [.. vector.Select(value => value / Math.Sqrt(vector.Sum(one => one * one)))];

    /// <summary>Tissue of two stains: a tenth each of pure ones, mixtures, and a fifth of glass.</summary>
    public static byte[] Draw(double[] haematoxylin, double[] eosin, int side = 96, int seed = 1, double most = 2)
    {
        var random = new Random(seed);
        var rgb = new byte[3 * side * side];
        for (var pixel = 0; pixel < side * side; pixel++)
        {
            var kind = random.Next(10);
            double h = kind is 1 or > 3 ? most * random.NextDouble() : 0, e = kind is 0 or > 3 ? most * random.NextDouble() : 0;
            for (var channel = 0; channel < 3; channel++)
            {
                rgb[(pixel * 3) + channel] = PublishedMacenko.Intensity(kind is 2 or 3 ? 0.02 : (h * haematoxylin[channel]) + (e * eosin[channel]));
            }
        }

        return rgb;
    }

    public static MLImage ToImage(byte[] rgb, int width, MLPixelFormat format = MLPixelFormat.Rgba32)
    {
        var red = format is MLPixelFormat.Rgba32 ? 0 : 2;
        var pixels = new byte[rgb.Length / 3 * 4];
        for (var pixel = 0; pixel < rgb.Length / 3; pixel++)
        {
            pixels[(pixel * 4) + red] = rgb[pixel * 3];
            pixels[(pixel * 4) + 1] = rgb[(pixel * 3) + 1];
            pixels[(pixel * 4) + 2 - red] = rgb[(pixel * 3) + 2];
            pixels[(pixel * 4) + 3] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(width, rgb.Length / 3 / width, format, pixels);
    }

    /// <summary>Red, green and blue of each pixel.</summary>
    public static byte[] ToRgb(MLImage image) => [.. RgbImage.FromMLImage(image).Pixels.Span];

    public static byte[] Uniform(byte red, byte green, byte blue, int count) => [.. Enumerable.Repeat((byte[])[red, green, blue], count).SelectMany(pixel => pixel)];

    /// <summary>A table that makes its images as they are read, and gives them away.</summary>
    public static IDataView Table(int width, params byte[][] images) => Table(new ImageDataViewType(), width, images);

    public static IDataView Table(ImageDataViewType type, int width, params byte[][] images)
    {
        TissuePatch[] patches = [.. images.Select((_, index) => new TissuePatch($"patch {index}", $"/nowhere/patch {index}.png", Label: null, MaskPath: null))];
        return new PatchTable(
            patches,
            new PatchColumn<ReadOnlyMemory<char>>(TissueColumns.Name, TextDataViewType.Instance, (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.Name.AsMemory()),
            new PatchColumn<MLImage>(TissueColumns.Image, type, (TissuePatch patch, ref MLImage value) =>
            {
                value?.Dispose();
                value = ToImage(images[Array.IndexOf(patches, patch)], width);
            }));
    }

    /// <summary>Red, green and blue of each pixel of each row's image.</summary>
    public static byte[][] Images(this IDataView table, string column = TissueColumns.Image)
    {
        using var cursor = table.GetRowCursor([table.Schema[column]]);
        var getter = cursor.GetGetter<MLImage>(table.Schema[column]);
        var images = new List<byte[]>();
        MLImage value = null!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            images.Add(ToRgb(value));
        }

        value?.Dispose();
        return [.. images];
    }
}
