using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;
using Mlps.ML.Tests.Chain;
using Mlps.Slides.Tests.Reading;
using Xunit;

namespace Mlps.Slides.Tests.Tiles;

public sealed class SlideTilesTests
{
    private static readonly MLContext _ml = new(seed: 5);

    [Theory]
    [InlineData(224, 0.5, 1000, 8, 112)]
    [InlineData(224, 0.0, 1000, 5, 224)]
    [InlineData(224, 0.0, 896, 4, 224)]
    [InlineData(224, 0.0, 100, 1, 224)]
    [InlineData(100, 0.25, 1000, 13, 75)]
    public void AGrid_CoversTheSlide(int size, double overlap, int width, int columns, int stride)
    {
        using var slide = new StubSource(width, 50).Open();
        var grid = TileGrid.Create(slide, new TileOptions { Size = size, Overlap = overlap });
        Assert.Equal(new TileGrid(size, stride, 1, columns, 1), grid);
        Assert.InRange(grid.X(columns - 1) + size, width, width + stride);
    }

    [Fact]
    public void AGrid_AtASizeOfPixels_HasFractionalPlaces()
    {
        using var slide = new StubSource(1000, 1000) { Size = (0.4, 0.4) }.Open();
        var grid = TileGrid.Create(slide, new TileOptions { MicronsPerPixel = 0.5, Size = 101, Overlap = 0 });
        Assert.Equal(126.25, grid.X(1), 9);
        Assert.Equal(8, grid.Columns);
    }

    [Fact]
    public void Tiles_AreThoseThatTouchTissue_WithTheirPlacesAndPixels()
    {
        using var slide = new StubSource(1000, 600).Open();
        var mask = new TissueMask([false, true, false, false, false, false, false, false, false, false], 5, 2, 200, 300);
        var tiles = _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 100, Overlap = 0, MicronsPerPixel = 1, Mask = mask });
        Assert.Equal(["Name", "Image", "X", "Y", "Row", "Column", "Tissue"], tiles.Schema.Select(column => column.Name));
        Assert.Equal((100, 100), (tiles.Schema["Image"].Type as ImageDataViewType) is { } type ? (type.Width, type.Height) : default);
        Assert.Equal(2, tiles.GetRowCount());
        var rows = Read(tiles);
        Assert.Equal(
            [("stub_x200_y0", 200.0, 0.0, 0, 1, 1f), ("stub_x200_y200", 200, 200, 1, 1, 0.5f)],
            rows.Select(row => (row.Name, row.X, row.Y, row.Row, row.Column, row.Tissue)));
        Assert.All(rows, row => Assert.Equal(slide.ReadRegion(row.X, row.Y, 100, 100, 2), row.Rgb));
    }

    [Fact]
    public void LeastTissue_LeavesOutTilesOnItsBorder()
    {
        using var slide = new StubSource(1000, 600).Open();
        var mask = new TissueMask([true, false], 2, 1, 500, 600);
        Assert.Equal(5 * 3, _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 120, Overlap = 0, Mask = mask, LeastTissue = 0.1 }).Count - 10);
        Assert.Equal(4 * 5, _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 120, Overlap = 0, Mask = mask, LeastTissue = 0.5 }).Count);
    }

    [Fact]
    public void Images_AreReadAhead_ButOnlySoMany_AndOnlyWhereRead()
    {
        // Each tile of the table is one of the source.
        var source = new StubSource(640, 640);
        using var slide = source.Open();
        var tiles = _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 64, Overlap = 0, Mask = TissueMask.Whole(slide), ReadAhead = 5, Readers = 2 });
        using (var cursor = tiles.GetRowCursor([tiles.Schema["X"]]))
        {
            while (cursor.MoveNext())
            {
            }
        }

        Assert.Equal(0, source.Reads);
        using (var cursor = tiles.GetRowCursor(tiles.Schema))
        {
            Assert.True(cursor.MoveNext());
            SpinWait.SpinUntil(() => source.Reads >= 6, TimeSpan.FromSeconds(10));
            Thread.Sleep(50);
            Assert.Equal(6, source.Reads);
        }

        Assert.InRange(source.Reads, 6, 6);
    }

    [Fact]
    public void AnImageThatIsTakenTwice_IsTheSame()
    {
        using var slide = new StubSource(640, 640).Open();
        var tiles = _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 64, Overlap = 0, Mask = TissueMask.Whole(slide) });
        using var cursor = tiles.GetRowCursor(tiles.Schema);
        var getter = cursor.GetGetter<MLImage>(tiles.Schema["Image"]);
        MLImage first = null!, second = null!;
        Assert.Throws<InvalidOperationException>(() => getter(ref first));
        cursor.MoveNext();
        getter(ref first);
        getter(ref second);
        Assert.NotSame(first, second);
        Assert.True(first.Pixels.SequenceEqual(second.Pixels));
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void AFault_IsThrownWhereItsTileIsRead()
    {
        using var slide = new StubSource(640, 64) { Color = static (_, x, _) => x >= 128 ? throw new SlideException("damaged") : ((byte)0, (byte)0, (byte)0) }.Open();
        var tiles = _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = 64, Overlap = 0, Mask = TissueMask.Whole(slide) });
        using var cursor = tiles.GetRowCursor(tiles.Schema);
        var getter = cursor.GetGetter<MLImage>(tiles.Schema["Image"]);
        MLImage image = null!;
        for (var row = 0; row < 2; row++)
        {
            Assert.True(cursor.MoveNext());
            getter(ref image);
        }

        Assert.True(cursor.MoveNext());
        Assert.Throws<SlideException>(() => getter(ref image));
    }

    [Fact]
    public void ASlideWithoutTissue_HasNoTiles()
    {
        using var slide = new StubSource(640, 640) { Color = static (_, _, _) => ((byte)240, (byte)240, (byte)240) }.Open();
        Assert.Empty(Read(_ml.TissueSegmentation.Tiles(slide)));
    }

    [Fact]
    public void TheStages_TransformTiles()
    {
        using var model = TinyChain.Create(_ml).Fit(TinyTable.Patches(6).Labelled());
        using var slide = new StubSource(100, 70).Open();
        var tiles = _ml.TissueSegmentation.Tiles(slide, new TileOptions { Size = TinyTissue.Side, Mask = TissueMask.Whole(slide) });
        var predicted = model.Transform(tiles);
        var masks = predicted.Vectors<byte>(TissueColumns.PredictedMask);
        Assert.Equal(tiles.Count, masks.Length);
        Assert.Equal([.. Read(tiles).Select(row => row.X)], predicted.GetColumn<double>("X"));

        // The same images in memory give the same masks.
        var rows = tiles.Grid.Columns;
        var images = Enumerable.Range(0, tiles.Count).Select(index => new Loaded { Image = slide.ReadImage(tiles.Grid.X(index % rows), tiles.Grid.Y(index / rows), TinyTissue.Side, TinyTissue.Side) }).ToArray();
        Assert.Equal(masks, model.Transform(_ml.Data.LoadFromEnumerable(images)).Vectors<byte>(TissueColumns.PredictedMask));
        Array.ForEach(images, image => image.Image!.Dispose());
    }

    private static List<(string Name, double X, double Y, int Row, int Column, float Tissue, byte[] Rgb)> Read(SlideTiles tiles)
    {
        var rows = new List<(string, double, double, int, int, float, byte[])>();
        using var cursor = tiles.GetRowCursor(tiles.Schema);
        T Value<T>(string column)
        {
            T value = default!;
            cursor.GetGetter<T>(tiles.Schema[column])(ref value);
            return value;
        }

        while (cursor.MoveNext())
        {
            using var image = Value<MLImage>("Image");
            rows.Add((Value<ReadOnlyMemory<char>>("Name").ToString(), Value<double>("X"), Value<double>("Y"), Value<int>("Row"), Value<int>("Column"), Value<float>("Tissue"), RgbImage.FromMLImage(image).Pixels.ToArray()));
        }

        return rows;
    }

    private sealed class Loaded
    {
        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }
    }
}
