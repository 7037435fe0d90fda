using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides;

/// <summary>What a TIFF file says of itself, by OpenSlide's names.</summary>
internal static class TiffProperties
{
    private const string AperioStart = "Aperio";
    private const string AperioPrefix = "aperio.";
    private const int CentimetreUnit = 3, InchUnit = 2;

    private static readonly (string Name, TiffTag Tag)[] _texts =
    [
        ("tiff.ImageDescription", TiffTag.IMAGEDESCRIPTION), ("tiff.Make", TiffTag.MAKE), ("tiff.Model", TiffTag.MODEL),
        ("tiff.Software", TiffTag.SOFTWARE), ("tiff.DateTime", TiffTag.DATETIME), ("tiff.Artist", TiffTag.ARTIST),
    ];

    public static IReadOnlyDictionary<string, string> Read(Tiff tiff)
    {
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, tag) in _texts)
        {
            if (TiffPage.Text(tiff, tag) is { Length: > 0 } text)
            {
                properties[name] = text;
            }
        }

        if (tiff.GetField(TiffTag.XRESOLUTION) is not null && tiff.GetField(TiffTag.YRESOLUTION) is not null)
        {
            properties["tiff.XResolution"] = TiffPage.Real(tiff, TiffTag.XRESOLUTION).ToString(CultureInfo.InvariantCulture);
            properties["tiff.YResolution"] = TiffPage.Real(tiff, TiffTag.YRESOLUTION).ToString(CultureInfo.InvariantCulture);
            properties["tiff.ResolutionUnit"] = TiffPage.Number(tiff, TiffTag.RESOLUTIONUNIT, InchUnit) switch
            {
                InchUnit => "inch",
                CentimetreUnit => "centimeter",
                _ => "none",
            };
        }

        if (properties.TryGetValue("tiff.ImageDescription", out var description) && description.StartsWith(AperioStart, StringComparison.Ordinal))
        {
            foreach (var pair in description.Split('|').Skip(1).Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2))
            {
                properties[AperioPrefix + pair[0]] = pair[1];
            }

            if (properties.TryGetValue(AperioPrefix + "AppMag", out var power))
            {
                properties["openslide.objective-power"] = power;
            }
        }

        return properties;
    }

    /// <summary>Micrometres a pixel: the scanner's own word, OME-XML's, or the tags of resolution.</summary>
    public static (double X, double Y)? MicronsPerPixel(Tiff tiff, IReadOnlyDictionary<string, string> properties)
    {
        if (properties.TryGetValue(AperioPrefix + "MPP", out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var mpp) && mpp > 0 && double.IsFinite(mpp))
        {
            return (mpp, mpp);
        }

        return properties.TryGetValue("tiff.ImageDescription", out var description) && OmeXml.MicronsPerPixel(description) is { } ome
            ? ome
            : TiffResolution.MicronsPerPixel(TiffPage.Real(tiff, TiffTag.XRESOLUTION), TiffPage.Real(tiff, TiffTag.YRESOLUTION), properties.GetValueOrDefault("tiff.ResolutionUnit"));
    }
}
