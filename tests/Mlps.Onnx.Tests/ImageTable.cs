using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static TorchSharp.torch;

namespace Mlps.Onnx.Tests;

/// <summary>Images of several sizes as a table, as bytes, and what predictions of them look like.</summary>
internal sealed class ImageTable : IDisposable
{
    private readonly MLImage[] _images;

    static ImageTable() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));

    /// <param name="ml">The context.</param>
    /// <param name="sizes">Heights and widths.</param>
    public ImageTable(MLContext ml, params (int Height, int Width)[] sizes)
    {
        using var scope = NewDisposeScope();
        Pixels = [.. sizes.Select(size => SmallTissue.Images(1, size.Height, size.Width)[0].permute(1, 2, 0).contiguous().data<byte>().ToArray())];
        _images = [.. sizes.Zip(Pixels, (size, pixels) => MLImage.CreateFromPixels(size.Width, size.Height, MLPixelFormat.Rgba32, Opaque(pixels)))];
        View = ml.Data.LoadFromEnumerable(_images.Select(image => new Row { Image = image }));
    }

    public IDataView View { get; }

    /// <summary>The images, which belong to the table.</summary>
    public IReadOnlyList<MLImage> Images => _images;

    /// <summary>Red, green and blue of each pixel.</summary>
    public IReadOnlyList<byte[]> Pixels { get; }

    /// <summary>Reads the predictions of a table.</summary>
    public static Prediction[] Read(MLContext ml, IDataView predicted) => [.. ml.Data.CreateEnumerable<Prediction>(predicted, reuseRowObject: false)];

    public void Dispose() => Array.ForEach(_images, image => image.Dispose());

    private static byte[] Opaque(byte[] pixels)
    {
        var opaque = new byte[pixels.Length / 3 * 4];
        MemoryMarshal.Cast<byte, uint>(opaque.AsSpan()).Fill(uint.MaxValue);
        for (var i = 0; i < pixels.Length; i++)
        {
            opaque[(i / 3 * 4) + (i % 3)] = pixels[i];
        }

        return opaque;
    }

    internal sealed class Row
    {
        /// <summary>ML.NET saves no schema of images alone.</summary>
        public string Name { get; set; } = string.Empty;

        public MLImage Image { get; set; } = null!;
    }

    internal sealed class Prediction
    {
        public byte[] PredictedMask { get; set; } = [];

        public float[] Probability { get; set; } = [];

        public float[] PixelProbability { get; set; } = [];

        public float[] PixelUncertainty { get; set; } = [];
    }
}
