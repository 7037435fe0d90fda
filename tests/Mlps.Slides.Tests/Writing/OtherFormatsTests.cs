using System.Globalization;
using System.Xml.Linq;
using Mlps.ML;
using Mlps.Testing;
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
}
