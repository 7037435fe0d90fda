using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;

namespace Mlps.ML;

/// <summary>Turns activation maps and patch labels into masks, one for each layer; there is nothing to train.</summary>
/// <remarks>Han et al., Medical Image Analysis 80 (2022) 102487, section 3.2.</remarks>
public sealed class PseudoMaskEstimator : IEstimator<PseudoMaskTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly TissueClasses _classes;
    private readonly PseudoMasksOptions _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="environment">The <see cref="MLContext"/>.</param>
    /// <param name="classes">The tissues; with a background where white pixels are to be marked as such.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PseudoMaskEstimator(IHostEnvironment environment, TissueClasses classes, PseudoMasksOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(classes);
        (_environment, _classes, _options) = (environment, classes, options ?? new PseudoMasksOptions());
        _options.Check();
    }

    /// <summary>Checks the table's columns and makes the transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public PseudoMaskTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        foreach (var column in PseudoMaskModel.Inputs(_options, _classes.Count))
        {
            column.Check(_environment, input.Schema);
        }

        return new PseudoMaskTransformer(_environment, PseudoMaskModel.From(_options, _classes));
    }

    /// <summary>The columns that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShapes.Extend(
        _environment,
        inputSchema,
        PseudoMaskModel.Inputs(_options, _classes.Count),
        _options.OutputColumnNames.Select(name => ClassColumns.Shape(name, new VectorDataViewType(NumberDataViewType.Byte), _classes.Count)));
}
