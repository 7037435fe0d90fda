namespace Mlps.ML;

/// <summary>
/// How uncertain the prediction of each pixel is, in heat colours over its image, with a scale from 0 to 1.
/// </summary>
public static class UncertaintyPicture
{
    /// <summary>Draws the uncertainty of a prediction.</summary>
    /// <param name="image">The image.</param>
    /// <param name="uncertainty">Values from 0 to 1, shape [height, width], as in the column PixelUncertainty.</param>
    /// <param name="options">How to draw. If null: the image's own size, with an opacity of 0.8. Where they set no minimum and maximum, those are 0 and 1.</param>
    /// <exception cref="ArgumentException">There is not one value for each pixel, or the picture would have more than 32,767 pixels a side.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Picture Draw(RgbImage image, ReadOnlySpan<float> uncertainty, HeatMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (uncertainty.Length != (long)image.Width * image.Height)
        {
            throw new ArgumentException($"There are {uncertainty.Length} values of uncertainty for an image of {image.Width} x {image.Height} pixels; expected one a pixel.", nameof(uncertainty));
        }

        options ??= new HeatMapOptions { Scale = 1, Opacity = 0.8 };
        return HeatMapPicture.Draw(image, uncertainty, image.Width, image.Height, options with { Minimum = options.Minimum ?? 0, Maximum = options.Maximum ?? 1 });
    }
}
