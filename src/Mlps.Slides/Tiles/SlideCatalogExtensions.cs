using Mlps.ML;

namespace Mlps.Slides;

/// <summary>What this library adds to <c>ml.TissueSegmentation</c>.</summary>
public static class SlideCatalogExtensions
{
    extension(TissueSegmentationCatalog catalog)
    {
        /// <summary>The tiles of a slide that touch tissue, as a table that the stages transform: Name, Image, X, Y, Row, Column, Tissue.</summary>
        /// <param name="slide">The slide, which must stay open while the table is read.</param>
        /// <param name="options">Options, or null for the defaults.</param>
        /// <exception cref="ArgumentException">An option is outside its range.</exception>
        /// <exception cref="SlideException">A size of pixels is needed, for the tiles or to find tissue, and the slide's own is not known.</exception>
        public SlideTiles Tiles(Slide slide, TileOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(catalog);
            return new SlideTiles(slide, options);
        }
    }
}
