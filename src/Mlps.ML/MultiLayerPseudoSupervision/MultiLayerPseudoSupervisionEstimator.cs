using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>The whole method as one estimator: a patch classifier, pseudo masks of several layers, and a segmenter gated by the classifier.</summary>
/// <remarks>It composes the three estimators, which also work by themselves. Multi-Layer Pseudo-Supervision; Han et al., Medical Image Analysis 80 (2022) 102487.</remarks>
public sealed class MultiLayerPseudoSupervisionEstimator : IEstimator<TransformerChain<GatedSegmenterTransformer>>
{
    private readonly PatchClassifierEstimator _classifier;
    private readonly PseudoMaskEstimator _masks;
    private readonly GatedSegmenterEstimator _segmenter;

    /// <summary>Makes the estimator.</summary>
    /// <param name="environment">The <see cref="MLContext"/>: its seed, its device, its log.</param>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults: the published networks, which want a GPU.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a stage's option disagrees with what the stages share.</exception>
    public MultiLayerPseudoSupervisionEstimator(IHostEnvironment environment, TissueClasses classes, MultiLayerPseudoSupervisionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(classes);
        var (classifier, masks, segmenter) = (options ?? new MultiLayerPseudoSupervisionOptions()).Resolve();
        (_classifier, _masks, _segmenter) = (new(environment, classes, classifier), new(environment, classes, masks), new(environment, classes, segmenter));
    }

    /// <summary>Trains both networks on the table's images and labels.</summary>
    /// <param name="input">A table with the image and label columns; images of one size.</param>
    /// <returns>The three transformers, which own their networks: dispose the chain.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="TissueDataException">The table has no rows, images of different sizes, or a validation set that does not fit.</exception>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    public TransformerChain<GatedSegmenterTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);

        // What a later stage lacks is said before an earlier one trains for hours.
        GetOutputSchema(SchemaShape.Create(input.Schema));
        PatchClassifierTransformer? classifier = null;
        PseudoMaskTransformer? masks = null;
        try
        {
            classifier = _classifier.Fit(input);
            var located = classifier.Transform(input);
            masks = _masks.Fit(located);
            return new TransformerChain<GatedSegmenterTransformer>(classifier, masks, _segmenter.Fit(masks.Transform(located)));
        }
        catch
        {
            // Nobody else has them.
            masks?.Dispose();
            classifier?.Dispose();
            throw;
        }
    }

    /// <summary>The columns that the transformers add.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _segmenter.GetOutputSchema(_masks.GetOutputSchema(_classifier.GetOutputSchema(inputSchema)));
}
