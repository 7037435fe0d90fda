using Microsoft.ML;

namespace Mlps.ML;

/// <summary>Makes the estimators of tissue segmentation; reached as <c>ml.TissueSegmentation</c>.</summary>
public sealed class TissueSegmentationCatalog
{
    internal TissueSegmentationCatalog(MLContext context) => Context = context;

    /// <summary>The context that seed, device and log come from.</summary>
    internal MLContext Context { get; }
}
