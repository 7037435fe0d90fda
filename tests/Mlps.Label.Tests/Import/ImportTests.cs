using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Import;

/// <summary>Labels that somebody has already.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PatchList _patches;

    public ImportTests() => _patches = PatchList.Open(PatchesOf(_folder, "a.png", "case/b, 2.png", "c.png"), _folder.Combine("labels"), null, CancellationToken.None);

    [Theory]
    [InlineData("file,tumor,stroma,lymphocyte\na.png,1,0,1\n\"case/b, 2\",no,yes,0\nc.png,,,\n")]
    [InlineData("file;tumor;stroma;lymphocyte\r\na.png;x;0;TRUE\r\ncase\\b, 2.png;0;1;0\r\n")]
    [InlineData("file,slide,lymphocyte,Tumor,stroma,people,part,reason\na,s,1,1,0,1,train,\n\"case/b, 2.png\",s,0,0,1,1,,\n")]
    [InlineData("file,labels\na.png,tumor;lymphocyte\n\"case/b, 2.png\",stroma\nc.png,\n")]
    [InlineData("file,labels\na.png,[1 0 1]\n\"case/b, 2.png\",[010]\n")]
    public void Read_TableOfLabels_HasThem(string text)
    {
        var answers = LabelTable.Read(Table(text), _patches, Classes);

        Assert.Equal([("a.png", 0b101u), ("case/b, 2.png", 0b010u)], answers.Select(answer => (answer.Patch, answer.Tissues!.Value)));
    }

    [Theory]
    [InlineData("file,tumor,stroma\na.png,1,0\n", "'lymphocyte'")]
    [InlineData("file,tumor,stroma,lymphocyte,bone\na.png,1,0,0,1\n", "'bone'")]
    [InlineData("file,tumor,stroma,lymphocyte\na.png,1,0,2\n", "Line 2: '2'")]
    [InlineData("file,tumor,stroma,lymphocyte\na.png,1,,0\n", "Line 2: ''")]
    [InlineData("file,tumor,stroma,lymphocyte\n../a.png,1,0,0\n", "Line 2: there is no patch '../a.png'")]
    [InlineData("file,tumor,stroma,lymphocyte\na.png,1,0,0\na,1,0,0\n", "Line 3: the patch 'a'")]
    [InlineData("file,tumor,stroma,lymphocyte\na.png,1,0\n", "Line 2, 'a.png,1,0', has 3 fields")]
    [InlineData("file,labels\na.png,tumour\n", "'tumour'")]
    [InlineData("name,labels\na.png,tumor\n", "'file'")]
    [InlineData("", "empty")]
    public void Read_TableWithAFault_NamesIt(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<TissueDataException>(() => LabelTable.Read(Table(text), _patches, Classes)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_RegionsOfQuPath_ATissueOccursFromItsShare()
    {
        // A slide of 40 x 20 µm at 1 µm a pixel, with patches of 10 px at 1 µm: tumor over the left one and a tenth of the second, a hole in it, stroma over the rest of the second.
        using (var slide = Microsoft.ML.Data.MLImage.CreateFromPixels(40, 20, Microsoft.ML.Data.MLPixelFormat.Bgra32, new byte[40 * 20 * 4]))
        {
            slide.Save(_folder.File("slides/s.png"));
        }

        PatchesOf(_folder, "s_x0_y0.png", "s_x10_y0.png", "s_x20_y0.png");
        File.WriteAllText(_folder.File("patches/patches.csv"), string.Concat("file,slide,x,y,size,mpp,tissue\n", string.Concat(Enumerable.Range(0, 3).Select(number => 10 * number).Select(x => $"s_x{x}_y0.png,{_folder.Combine("slides", "s.png")},{x},0,10,1,1\n"))));
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None);
        File.WriteAllText(_folder.File("regions.geojson"), """
            {"type": "FeatureCollection", "features": [
              {"type": "Feature", "properties": {"classification": {"name": "tumor"}}, "geometry": {"type": "Polygon", "coordinates": [[[0,0],[11,0],[11,10],[0,10],[0,0]], [[2,2],[4,2],[4,4],[2,4],[2,2]]]}},
              {"type": "Feature", "properties": {"classification": {"name": "stroma"}}, "geometry": {"type": "Polygon", "coordinates": [[[11,0],[22,0],[22,10],[11,10],[11,0]]]}},
              {"type": "Feature", "properties": {"classification": {"name": "fold"}}, "geometry": {"type": "Polygon", "coordinates": [[[20,0],[30,0],[30,10],[20,10],[20,0]]]}}]}
            """);
        var options = new Slides.SlideOptions { MicronsPerPixel = 1 };

        Assert.Equal([("s_x0_y0.png", 1u), ("s_x10_y0.png", 3u)], Labels(share: 0.05));
        Assert.Equal([("s_x0_y0.png", 1u), ("s_x10_y0.png", 2u)], Labels(share: 0.2));

        IEnumerable<(string, uint)> Labels(double share) =>
            new RegionLabels(share, options).Read(_folder.Combine("regions.geojson"), patches, Classes, CancellationToken.None).Select(answer => (answer.Patch, answer.Tissues!.Value));
    }

    /// <summary>Slides of one file name in two folders: their regions have the names that their patches begin with.</summary>
    [Fact]
    public void Read_RegionsOfTwoSlidesOfOneName_AreNamedAsTheirPatches()
    {
        var rows = "file,slide,x,y,size,mpp,tissue\n";
        foreach (var part in (string[])["case1", "case2"])
        {
            using var slide = Microsoft.ML.Data.MLImage.CreateFromPixels(10, 10, Microsoft.ML.Data.MLPixelFormat.Bgra32, new byte[10 * 10 * 4]);
            slide.Save(_folder.File($"slides/{part}/s.png"));
            PatchesOf(_folder, $"{part}-s_x0_y0.png");
            rows += $"{part}-s_x0_y0.png,{_folder.Combine("slides", part, "s.png")},0,0,10,1,1\n";
        }

        File.WriteAllText(_folder.File("patches/patches.csv"), rows);
        var patches = PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None);

        File.WriteAllText(_folder.File("regions/s.geojson"), Whole("tumor"));
        var message = Assert.Throws<TissueDataException>(Read).Message;
        Assert.StartsWith($"{_folder.Combine("regions", "s.geojson")}: It may be of {_folder.Combine("slides", "case1", "s.png")} or of {_folder.Combine("slides", "case2", "s.png")}", message, StringComparison.Ordinal);
        Assert.Contains("case1-s.geojson", message, StringComparison.Ordinal);

        File.WriteAllText(_folder.File("regions/case1-s.geojson"), Whole("tumor"));
        File.WriteAllText(_folder.File("regions/case2-s.geojson"), Whole("stroma"));
        Assert.Equal([("case1-s_x0_y0.png", 1u), ("case2-s_x0_y0.png", 2u)], Read().Select(answer => (answer.Patch, answer.Tissues!.Value)));

        IReadOnlyList<Answer> Read() => new RegionLabels(0.1, new Slides.SlideOptions { MicronsPerPixel = 1 }).Read(_folder.Combine("regions"), patches, Classes, CancellationToken.None);

        static string Whole(string tissue) =>
            $$$"""{"type": "Feature", "properties": {"classification": {"name": "{{{tissue}}}"}}, "geometry": {"type": "Polygon", "coordinates": [[[0,0],[10,0],[10,10],[0,10],[0,0]]]}}""";
    }

    [Fact]
    public void Read_RegionsWithoutPlacesOfPatches_IsRefused() =>
        Assert.Contains("mlps patches", Assert.Throws<TissueDataException>(() => new RegionLabels(0.1, new()).Read("regions.geojson", _patches, Classes, CancellationToken.None)).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private string Table(string text)
    {
        File.WriteAllText(_folder.File("table.csv"), text);
        return _folder.Combine("table.csv");
    }
}
