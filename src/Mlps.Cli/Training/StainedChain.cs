using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Cli.Training;

/// <summary>Stain normalization and the three stages as one flat chain, whose last transformer is the segmenter.</summary>
/// <param name="stains">Makes the images that the stages read.</param>
/// <param name="stages">The three stages.</param>
internal sealed class StainedChain(StainNormalizationEstimator stains, MultiLayerPseudoSupervisionEstimator stages) : IEstimator<TransformerChain<GatedSegmenterTransformer>>
{
    public TransformerChain<GatedSegmenterTransformer> Fit(IDataView input)
    {
        var normalization = stains.Fit(input);
        var trained = stages.Fit(normalization.Transform(input));
        return new TransformerChain<GatedSegmenterTransformer>([normalization, .. trained]);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => stages.GetOutputSchema(stains.GetOutputSchema(inputSchema));
}
