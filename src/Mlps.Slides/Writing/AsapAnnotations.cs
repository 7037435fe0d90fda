using System.Globalization;
using System.Text;
using System.Xml;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes a mask's regions as annotations for ASAP, each class a group. ASAP's polygons have no holes: a region's holes are filled there.</summary>
internal static class AsapAnnotations
{
    private static readonly XmlWriterSettings _settings = new() { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    /// <summary>Writes the file; it is complete or absent.</summary>
    /// <remarks>ASAP does not crop slides, so coordinates count from the file's whole picture.</remarks>
    /// <param name="path">The XML file to create or replace.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="options">Which regions, and how exactly; the defaults if null.</param>
    /// <param name="cancellation">Stops the writing; an existing file is unchanged then.</param>
    public static AnnotationCounts Write(string path, IMaskRows rows, SlideDescription slide, AnnotationOptions? options = null, CancellationToken cancellation = default)
    {
        AnnotationCounts? counts = null;
        AtomicFile.Write(path, stream =>
        {
            using var xml = XmlWriter.Create(stream, _settings);
            xml.WriteStartElement("ASAP_Annotations");
            xml.WriteStartElement("Annotations");
            var number = 0;
            var points = new List<GridPoint>();
            counts = SlideRegions.ForEach(
                rows, slide, (options ?? new AnnotationOptions()) with { NoCrop = true }, (regions, region) => WriteRegion(xml, regions, region, number++, points), cancellation);
            xml.WriteEndElement();
            xml.WriteStartElement("AnnotationGroups");
            foreach (var tissue in slide.Classes.Background is { } background ? slide.Classes.Append(background) : slide.Classes)
            {
                xml.WriteStartElement("Group");
                xml.WriteAttributeString("Name", tissue.Name);
                xml.WriteAttributeString("PartOfGroup", "None");
                xml.WriteAttributeString("Color", tissue.Color.ToString());
                xml.WriteElementString("Attributes", string.Empty);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
        });
        return counts!;
    }

    private static void WriteRegion(XmlWriter xml, SlideRegions regions, TracedRegion region, int number, List<GridPoint> points)
    {
        var tissue = regions.ClassOf(region);
        xml.WriteStartElement("Annotation");
        xml.WriteAttributeString("Name", string.Create(CultureInfo.InvariantCulture, $"{tissue.Name} {number}"));
        xml.WriteAttributeString("Type", "Polygon");
        xml.WriteAttributeString("PartOfGroup", tissue.Name);
        xml.WriteAttributeString("Color", tissue.Color.ToString());
        xml.WriteStartElement("Coordinates");
        region.Rings[0].CopyTo(points);
        for (var i = 0; i < points.Count; i++)
        {
            var (x, y) = regions.Place(points[i]);
            xml.WriteStartElement("Coordinate");
            xml.WriteAttributeString("Order", i.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("X", x.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("Y", y.ToString(CultureInfo.InvariantCulture));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
