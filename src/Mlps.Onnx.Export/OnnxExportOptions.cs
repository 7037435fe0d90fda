using Microsoft.ML;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Onnx.Export;

/// <summary>How a model is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Height of the images in pixels; null for the patches that the segmenter was trained on.</summary>
    public int? Height { get; init; }

    /// <summary>Width of the images in pixels; null for the patches that the segmenter was trained on.</summary>
    public int? Width { get; init; }

    /// <summary>Whether the graph takes any number of images of any size, and not one image of one size.</summary>
    /// <remarks>ML.NET's <c>OnnxTransformer</c> needs a fixed size; plain ONNX Runtime takes both.</remarks>
    public bool Dynamic { get; init; }

    /// <summary>The element type of images.</summary>
    public OnnxInput Input { get; init; }

    /// <summary>Whether the graph has the output <c>uncertainty</c>, the entropy of each pixel's probabilities.</summary>
    public bool Uncertainty { get; init; }

    /// <summary>Images of the kind that the model was trained on, in the column <c>Image</c> of a table, for convolutions in 8 bits; null for 32 bits.</summary>
    /// <remarks>
    /// Both networks see up to 64 of the images, spread evenly over the table's rows; of larger ones, the middle of the patches' size. The ranges of their values decide what 8 bits stand for.
    /// The file takes a quarter of the space, and predictions are faster. Masks differ in some pixels: score them before you use them.
    /// </remarks>
    public IDataView? CalibrationImages { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range, or values contradict each other.</exception>
    internal void Check()
    {
        Guard.AtLeast(Height ?? 1, 1, nameof(Height));
        Guard.AtLeast(Width ?? 1, 1, nameof(Width));
        Guard.Defined(Input);
        if (Dynamic && (Height ?? Width) is { } size)
        {
            throw new ArgumentException($"Dynamic takes images of any size, and a size of {size} is given; leave out Height and Width, or set Dynamic to false.");
        }

        if (CalibrationImages is { } images && images.Schema.GetColumnOrNull(TissueColumns.Image)?.Type is not ImageDataViewType)
        {
            throw new ArgumentException($"The table of {nameof(CalibrationImages)} has no column '{TissueColumns.Image}' of images; TissueDataset.LoadImages makes such a table of a folder.");
        }
    }
}
