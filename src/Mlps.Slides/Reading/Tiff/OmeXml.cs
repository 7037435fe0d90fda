using System.Globalization;
using System.Xml;

namespace Mlps.Slides;

/// <summary>The size of pixels in the OME-XML that OME-TIFF has as its description.</summary>
internal static class OmeXml
{
    private const double NanometresPerMicron = 1000, MicronsPerMillimetre = 1000, MicronsPerCentimetre = 10_000, MicronsPerMetre = 1_000_000;

    /// <summary>Micrometres a pixel of the first image; null where the text is no OME-XML or does not say it.</summary>
    public static (double X, double Y)? MicronsPerPixel(string description)
    {
        if (!description.Contains("<OME", StringComparison.Ordinal) && !description.Contains(":OME", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            using var xml = XmlReader.Create(new StringReader(description[description.IndexOf('<', StringComparison.Ordinal)..]), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (xml.Read())
            {
                if (xml.NodeType is XmlNodeType.Element && xml.LocalName == "Pixels")
                {
                    return Microns(xml, "PhysicalSizeX") is { } x && Microns(xml, "PhysicalSizeY") is { } y ? (x, y) : null;
                }
            }
        }
        catch (XmlException)
        {
        }

        return null;
    }

    private static double? Microns(XmlReader pixels, string name)
    {
        if (!double.TryParse(pixels.GetAttribute(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var size) || !(size > 0) || !double.IsFinite(size))
        {
            return null;
        }

        return pixels.GetAttribute(name + "Unit") switch
        {
            null or "\u00B5m" or "\u03BCm" or "um" or "micron" => size,
            "nm" => size / NanometresPerMicron,
            "mm" => size * MicronsPerMillimetre,
            "cm" => size * MicronsPerCentimetre,
            "m" => size * MicronsPerMetre,
            _ => null,
        };
    }
}
