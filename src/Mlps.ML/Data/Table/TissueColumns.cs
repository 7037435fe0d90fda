namespace Mlps.ML;

/// <summary>The columns that the stages know each other by.</summary>
public static class TissueColumns
{
    /// <summary>Text: the file's stem, unique within a table.</summary>
    public const string Name = "Name";

    /// <summary>Text: the full path of the image file.</summary>
    public const string ImagePath = "ImagePath";

    /// <summary>Text: the slide or image that the patch was cut from, as its name tells; for splits that keep sources together.</summary>
    public const string Source = "Source";

    /// <summary><see cref="Microsoft.ML.Data.MLImage"/>: the RGB patch.</summary>
    public const string Image = "Image";

    /// <summary><see cref="Microsoft.ML.Data.MLImage"/>: the patch with the stains of a reference, where it does not take the place of the patch itself.</summary>
    public const string NormalizedImage = "NormalizedImage";

    /// <summary>Vector&lt;Boolean, C&gt;: the tissues that occur in the patch.</summary>
    public const string Label = "Label";

    /// <summary>Vector&lt;Byte, H, W&gt;: the true class of every pixel, 0..C, where C is background.</summary>
    public const string Mask = "Mask";

    /// <summary>Vector&lt;Single, C&gt;: how probable the classifier finds each tissue in the patch, [0, 1].</summary>
    public const string Probability = "Probability";

    /// <summary>Vector&lt;Single, C, h, w&gt;: how probable each tissue is in windows of the training size around each cell of 8x8 pixels, [0, 1].</summary>
    public const string GateProbability = "GateProbability";

    /// <summary>Vector&lt;Single, L, C, h, w&gt;: Grad-CAM of every layer and tissue, at the resolution of the features.</summary>
    public const string ActivationMaps = "ActivationMaps";

    /// <summary>Vector&lt;Byte, H, W&gt; columns, one a layer: this prefix and the layer's name.</summary>
    public const string PseudoMaskPrefix = "PseudoMask.";

    /// <summary>Vector&lt;Byte, H, W&gt;: the predicted class of every pixel.</summary>
    public const string PredictedMask = "PredictedMask";

    /// <summary>Vector&lt;Single, C, H, W&gt;: the probability of each tissue, which sums to 1 at every pixel.</summary>
    public const string PixelProbability = "PixelProbability";

    /// <summary>Vector&lt;Single, H, W&gt;: how uncertain the prediction of every pixel is, from 0 to 1.</summary>
    public const string PixelUncertainty = "PixelUncertainty";

    /// <summary>Kind of the annotation, a vector of text [C], that holds the class names of columns whose slots are not classes.</summary>
    public const string ClassesAnnotation = "Classes";
}
