using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Images whose pixels are copied when they are stored and when they are returned.</summary>
/// <remarks>An image from upstream is never kept, unless upstream gives it away (<see cref="UpstreamImage"/>).</remarks>
internal sealed class ImageBuffer(int capacity) : ColumnBuffer<MLImage?>(capacity)
{
    private readonly UpstreamImage _upstream = new(isOurs: false);
    private bool _isUpstreamOurs;

    /// <summary>An independent image with the same pixels.</summary>
    public static MLImage? Copy(MLImage? image)
    {
        if (image is null)
        {
            return null;
        }

        var copy = MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels);
        copy.Tag = image.Tag;
        return copy;
    }

    /// <inheritdoc/>
    public override void Attach(DataViewRow row, DataViewSchema.Column column)
    {
        _isUpstreamOurs = row is IGivesImagesAway { GivesImagesAway: true };
        base.Attach(row, column);
    }

    /// <inheritdoc/>
    public override void Replace(int slot, MLImage? value)
    {
        Slots[slot]?.Dispose();
        Slots[slot] = value;
    }

    protected override void Read(ValueGetter<MLImage?> source, ref MLImage? slot)
    {
        if (_isUpstreamOurs)
        {
            // The image is a new one and ours: a copy would double the memory of large images.
            slot?.Dispose();
            slot = null;
            source(ref slot);
            return;
        }

        var image = _upstream.Read(source);
        slot?.Dispose();
        slot = null;
        slot = Copy(image);
    }

    protected override void Copy(in MLImage? slot, ref MLImage? value)
    {
        value?.Dispose();
        value = Copy(slot);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var image in Slots)
        {
            image?.Dispose();
        }

        Array.Clear(Slots);
        _upstream.Dispose();
        base.Dispose(disposing);
    }
}
