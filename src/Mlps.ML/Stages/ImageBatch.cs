using Microsoft.ML.Transforms.Image;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.ML.Stages;

/// <summary>Turns the images of a batch into what networks take.</summary>
internal static class ImageBatch
{
    /// <summary>Images [N, 3, H, W] as bytes; all are of one size.</summary>
    /// <exception cref="RowException">The images are not of the size that the column declares.</exception>
    public static Tensor ToTensor(RowBatch batch, string column)
    {
        var first = batch.Image(column, 0);
        if (batch.TypeOf(column) is ImageDataViewType { Height: > 0, Width: > 0 } declared && (first.Height, first.Width) != (declared.Height, declared.Width))
        {
            throw batch.Error(0, $"the image in column '{column}' has {first.Width}x{first.Height} pixels, and the column is declared with {declared.Width}x{declared.Height}; declare it as ImageDataViewType without a size where sizes differ");
        }

        var length = 3 * first.Height * first.Width;
        var images = empty([batch.Count, 3, first.Height, first.Width], ScalarType.Byte, CPU);
        try
        {
            for (var row = 0; row < batch.Count; row++)
            {
                ImagePixels.CopyRgb(batch.Image(column, row), images.bytes.Slice(row * length, length));
            }

            return images;
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    /// <summary>The same for a network on a device: in pinned memory where that is a GPU, from which copies wait for nothing.</summary>
    public static Tensor ToTensorFor(Device device, RowBatch batch, string column)
    {
        var images = ToTensor(batch, column);
        if (device.type is not DeviceType.CUDA)
        {
            return images;
        }

        using (images)
        {
            return images.pin_memory();
        }
    }

    /// <summary>The same, as it was made while another batch was computed if there is such a tensor; the caller disposes it.</summary>
    public static Tensor Take(RowBatch batch, string column) => batch.TakePrepared<Tensor>() ?? ToTensor(batch, column);
}
