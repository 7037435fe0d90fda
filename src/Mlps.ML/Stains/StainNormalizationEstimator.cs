using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;
using Mlps.ML.Stages;

namespace Mlps.ML;

/// <summary>Computes the stains of a reference; its transformer gives them to images, so that slides of several laboratories look alike.</summary>
/// <remarks>Macenko et al., "A method for normalizing histology slides for quantitative analysis", ISBI 2009; Reinhard et al., "Color transfer between images", IEEE Computer Graphics and Applications 21(5), 2001.</remarks>
public sealed class StainNormalizationEstimator : IEstimator<StainNormalizationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly StainNormalizationOptions _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="environment">The <see cref="MLContext"/>: its seed.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public StainNormalizationEstimator(IHostEnvironment environment, StainNormalizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        (_environment, _options) = (environment, options ?? new StainNormalizationOptions());
        _options.Check();
    }

    private InputColumn Column => InputColumn.Image(_options.InputColumnName);

    /// <summary>Computes the stains of the reference: of the image in the options, or else of all the table's images, which are read once.</summary>
    /// <param name="input">A table with the image column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    /// <exception cref="TissueDataException">The reference cannot be read, shows too little tissue, or, for Macenko's method, one stain only.</exception>
    public StainNormalizationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Column.Check(_environment, input.Schema);
        var seed = _options.Seed ?? ComputeDevice.ReadSeed(_environment) ?? 0;
        using var sample = new TissueSample(new TissueRule(_options.OpticalDensityThreshold), _options.SampledPixels, seed);
        var source = Read(input, sample);
        return new StainNormalizationTransformer(_environment, StainNormalizationModel.From(_options, seed, sample, source));
    }

    /// <summary>The columns that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        SchemaShapes.Extend(_environment, inputSchema, [Column], SchemaShapes.Column(_options.OutputColumnName, new ImageDataViewType()));

    /// <summary>Draws the reference's pixels, and returns what messages call it.</summary>
    private string Read(IDataView table, TissueSample sample)
    {
        if (_options.ReferencePath is { } path)
        {
            using var image = ImageFile.Read(path);
            using var pixels = new StainPixels(image);
            sample.Add(pixels);
            return path;
        }

        if (_options.ReferenceImage is { } reference)
        {
            using var pixels = new StainPixels(reference);
            sample.Add(pixels);
            return nameof(StainNormalizationOptions.ReferenceImage);
        }

        var column = table.Schema[_options.InputColumnName];
        using var cursor = table.GetRowCursor([column]);
        using var images = new ImageBuffer(capacity: 1);
        images.Attach(cursor, column);
        while (cursor.MoveNext())
        {
            images.Read(0);
            if (images.Slots[0] is { } image)
            {
                using var pixels = new StainPixels(image);
                sample.Add(pixels);
            }
        }

        return $"column '{_options.InputColumnName}' of the table";
    }
}
