using System.Globalization;

namespace Mlps.Slides;

/// <summary>What OpenSlide's properties say of a slide.</summary>
internal static class OpenSlideProperties
{
    private const string BoundsPrefix = "openslide.bounds-";

    /// <summary>The scanned part; null where the slide has no bounds.</summary>
    public static SlideBounds? Bounds(IReadOnlyDictionary<string, string> properties) =>
        Whole(properties, "x") is { } x && Whole(properties, "y") is { } y && Whole(properties, "width") is { } width && Whole(properties, "height") is { } height
            ? new SlideBounds(x, y, width, height)
            : null;

    private static int? Whole(IReadOnlyDictionary<string, string> properties, string name) =>
        properties.TryGetValue(BoundsPrefix + name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Micrometres a pixel; where OpenSlide itself has none, from the TIFF's own tags.</summary>
    public static (double X, double Y)? MicronsPerPixel(IReadOnlyDictionary<string, string> properties)
    {
        if (properties.TryGetValue("tiff.ImageDescription", out var description) && OmeXml.MicronsPerPixel(description) is { } ome)
        {
            return ome;
        }

        if (Number(properties, "tiff.XResolution") is { } columns && Number(properties, "tiff.YResolution") is { } rows
            && properties.TryGetValue("openslide.vendor", out var vendor) && vendor == "generic-tiff")
        {
            return TiffResolution.MicronsPerPixel(columns, rows, properties.GetValueOrDefault("tiff.ResolutionUnit"));
        }

        return Number(properties, "openslide.mpp-x") is { } x && Number(properties, "openslide.mpp-y") is { } y ? (x, y) : null;
    }

    /// <summary>The colour of what was not scanned; white where the slide does not say.</summary>
    public static (byte Red, byte Green, byte Blue) Background(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue("openslide.background-color", out var text) && text.Length == 6 && int.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var color)
            ? ((byte)(color >> 16), (byte)(color >> 8), (byte)color)
            : (byte.MaxValue, byte.MaxValue, byte.MaxValue);

    private static double? Number(IReadOnlyDictionary<string, string> properties, string name) =>
        properties.TryGetValue(name, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && double.IsFinite(number) ? number : null;
}
