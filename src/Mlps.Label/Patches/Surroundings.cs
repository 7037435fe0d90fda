using System.IO.Compression;
using Mlps.ML.Png;
using Mlps.Slides;

namespace Mlps.Label;

/// <summary>Pictures of what lies around patches, read from their slides.</summary>
/// <param name="places">Where patches were cut.</param>
/// <param name="slideOptions">How slides are opened, with the size of their pixels where neither they nor the places say it; null for the defaults.</param>
/// <remarks>For several threads; one picture is read at a time.</remarks>
internal sealed class Surroundings(IReadOnlyDictionary<string, PatchPlace> places, SlideOptions? slideOptions = null) : IDisposable
{
    /// <summary>Sides of the patch along the picture, whose middle is the patch.</summary>
    public const int Sides = 3;

    private const int LongestSide = 768;

    private readonly Lock _lock = new();
    private Slide? _slide;

    /// <summary>Whether it is known where a patch was cut, and the slide is there.</summary>
    public bool Has(string patch) => places.TryGetValue(patch, out var place) && File.Exists(place.Slide);

    /// <summary>A PNG of three sides of the patch along each side.</summary>
    /// <exception cref="SlideException">The slide cannot be read, or does not say the size of its pixels.</exception>
    /// <exception cref="KeyNotFoundException">It is not known where the patch was cut.</exception>
    public byte[] Read(string patch)
    {
        var place = places[patch];
        lock (_lock)
        {
            if (_slide?.Path != place.Slide)
            {
                _slide?.Dispose();
                _slide = null;
                _slide = Slide.Open(place.Slide, slideOptions);
            }

            var side = place.SideIn(_slide);
            var pixels = Math.Min(Sides * place.Size, LongestSide);
            var rgb = _slide.ReadRegion(place.X - side, place.Y - side, pixels, pixels, Sides * side / pixels);
            return PngEncoder.Encode(rgb, pixels, pixels, PngColorType.Truecolour, [], CompressionLevel.Fastest);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slide?.Dispose();
}
