using Microsoft.ML;

namespace Mlps.ML;

/// <summary>What this library adds to <see cref="MLContext"/>.</summary>
public static class MLContextExtensions
{
    extension(MLContext context)
    {
        /// <summary>Estimators that learn to segment tissue from patch-level labels, and the scores of their predictions.</summary>
        public TissueSegmentationCatalog TissueSegmentation
        {
            get
            {
                ArgumentNullException.ThrowIfNull(context);
                return new TissueSegmentationCatalog(context);
            }
        }
    }
}
