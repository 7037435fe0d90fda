using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Mlps.ML;
using Mlps.Testing;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class OtherFormatsTests
{
    [Fact]
    public void Asap_has_outer_rings_in_the_whole_picture_and_a_group_for_each_class()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("000", "0.0", "001");
        var counts = AsapAnnotations.Write(folder.File("asap.xml"), mask, TestSlide.Of(mask, boundsX: 100, boundsY: 10), new() { MinimumArea = 0 });
        Assert.Equal(2, counts.Polygons);
        var document = XDocument.Load(folder.File("asap.xml"));
        Assert.Equal([.. TissueClasses.LuadHistoSeg.Names, "background"], document.Descendants("Group").Select(group => group.Attribute("Name")!.Value));
        var annotations = document.Descendants("Annotation").ToArray();
        Assert.Equal(["tumor epithelium", "necrosis"], annotations.Select(annotation => annotation.Attribute("PartOfGroup")!.Value).OrderDescending(StringComparer.Ordinal));
        Assert.All(annotations, annotation => Assert.Equal("Polygon", annotation.Attribute("Type")!.Value));
        var xs = document.Descendants("Coordinate").Select(point => double.Parse(point.Attribute("X")!.Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal((100, 106), (xs.Min(), xs.Max()));
    }

    [Fact]
    public void Tiles_have_the_columns_of_wsinfer()
    {
        using var folder = new TemporaryFolder();
        var classes = new TissueClasses([new("a, b", new(1, 2, 3)), new("c", new(4, 5, 6))]);
        TileTable.Write(folder.File("tiles.csv"), classes, [new(0, 448, 448, 448, [0.25, 1e-7]), new(448, 448, 448, 448, [1, 0.1234567])]);
        Assert.Equal("minx,miny,width,height,\"prob_a, b\",prob_c\n0,448,448,448,0.25,0\n448,448,448,448,1,0.123457\n", File.ReadAllText(folder.File("tiles.csv")));
        Assert.Throws<ArgumentException>(() => TileTable.Write(folder.File("other.csv"), classes, [new(0, 0, 1, 1, [0.5])]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_a_killed_run_left_is_deleted_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var target = folder.File("mask.tif");
        File.WriteAllText(target, "whole");
        File.WriteAllText(folder.Combine(".mlps-0a1b2c3d-0123456789abcdef.tmp"), "half");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder.Combine(".mlps-00000000-0123456789abcdef.tmp")).FullName, "half"), "half");
        ResultFolder.DeleteUnfinished(folder.Path);
        Assert.Equal([target], Directory.GetFileSystemEntries(folder.Path));
    }

    [ToolFact("sqlite3")]
    public void An_annotation_store_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("0");
        var path = folder.Combine("none", "annotations.db");
        var message = Assert.Throws<IOException>(() => AnnotationStore.Write(path, mask, TestSlide.Of(mask))).Message;
        Assert.StartsWith($"{path}: SQLite cannot write it: unable to open database file (code 14).", message, StringComparison.Ordinal);
    }

    [ToolFact("sqlite3")]
    public void An_annotation_store_has_the_tables_of_tiatoolbox()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("0000", "0..0", "0..0", "0001");
        var path = folder.File("annotations.db");
        Assert.Equal(2, AnnotationStore.Write(path, mask, TestSlide.Of(mask, boundsX: 100, boundsY: 10), new() { MinimumArea = 0 }).Polygons);
        Assert.Equal("compression=\"zlib\"\ncompression_level=9\nversion=\"1.0.1\"\n", ToolFactAttribute.Run("sqlite3", path, "SELECT key || '=' || value FROM metadata ORDER BY key"));
        Assert.Equal("ok\n", ToolFactAttribute.Run("sqlite3", path, "PRAGMA integrity_check"));

        // The ring of eleven pixels, of four pixels of the slide each, with its hole.
        Assert.Equal("tumor epithelium|100|108|10|18\n", ToolFactAttribute.Run("sqlite3", path, "SELECT json_extract(properties, '$.type'), min_x, max_x, min_y, max_y FROM annotations JOIN rtree ON rtree.id = annotations.id WHERE area > 8"));
        var hex = ToolFactAttribute.Run("sqlite3", path, "SELECT hex(geometry) FROM annotations WHERE area > 8").Trim();
        using var inflated = new MemoryStream();
        using (var inflater = new ZLibStream(new MemoryStream(Convert.FromHexString(hex)), CompressionMode.Decompress))
        {
            inflater.CopyTo(inflated);
        }

        var polygon = Assert.IsType<Polygon>(new WKBReader().Read(inflated.ToArray()));
        Assert.True(polygon.IsValid);
        Assert.Single(polygon.InteriorRings);
        Assert.Equal((100, 10), (polygon.EnvelopeInternal.MinX, polygon.EnvelopeInternal.MinY));
        Assert.Equal($"{(long)polygon.Centroid.X}|{(long)polygon.Centroid.Y}|{(long)polygon.Area}\n", ToolFactAttribute.Run("sqlite3", path, "SELECT cx, cy, area FROM annotations WHERE area > 8"));
        AnnotationStore.Write(folder.File("again.db"), mask, TestSlide.Of(mask, boundsX: 100, boundsY: 10), new() { MinimumArea = 0 });
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder.File("again.db")));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }
}
